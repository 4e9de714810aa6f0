{% macro renamed(kind, column) %}
    {#- A name of a kind, as people say that it is; `names` is int_names. -#}
    coalesce(names.new_names['{{ kind }}:' || {{ column }}], {{ column }})
{% endmacro %}

{% macro corrections_of(target, rows, id, thing, is_it, place) %}
    {#- The last word of people on rows of a table: correction → the rows that it means, and of several on one row the later. rows: a CTE with paper_id and value_text, its names renamed; id: its key; thing: what a correction is of, of which several rows may be; is_it: further conditions; place: where it stands, for the nearest. -#}
    select
        {{ id }},
        correction_id,
        verdict,
        new_task,
        new_metric,
        new_dataset,
        new_condition,
        new_value,
        new_subject
    from (
        select
            found.{{ id }},
            found.{{ thing }} as thing,
            first_value(found.{{ thing }}) over (
                partition by corrections.correction_id order by {{ place }}, found.{{ id }}
            ) as nearest,
            corrections.* exclude (new_dataset, new_metric),
            {{ renamed('dataset', 'corrections.new_dataset') }} as new_dataset,
            {{ renamed('metric', 'corrections.new_metric') }} as new_metric
        from {{ rows }} as found
        inner join {{ ref('int_corrections') }} as corrections
            on
                found.paper_id = corrections.paper_id
                and found.value_text = corrections.value_text
                and corrections.target = '{{ target }}'
                and corrections.is_last
        cross join names
        where {{ is_it }}
    ) as meant
    where thing is not distinct from nearest
    qualify
        row_number() over (
            partition by {{ id }} order by made_on desc, landed_at desc, entry_index desc, correction_id
        ) = 1
        and verdict <> 'taken_back'
{% endmacro %}

{% macro is_row() %}
    {#- Whether a row of `corrections_of` is the one that a correction names by dataset, metric and model. -#}
    found.dataset = {{ renamed('dataset', 'corrections.dataset') }}
            and found.metric = {{ renamed('metric', 'corrections.metric') }}
            and (corrections.model is null or found.model = corrections.model)
{% endmacro %}

{% macro judged_confidence(confidence) %}
    {#- A confidence, unless people said what is so; `corrections` is a CTE of corrections_of. -#}
    case
        when corrections.verdict = 'wrong' then 0
        when corrections.verdict is not null then 1
        else {{ confidence }}
    end
{% endmacro %}
