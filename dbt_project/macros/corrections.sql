{% macro corrections_of(target, rows, id, is_it, place) %}
    {#- The last word of people on rows of a table: correction → the row that it means, and of several on one row the later. rows: a CTE with paper_id and value_text; id: its key; is_it: further conditions; place: where it stands, for the nearest. -#}
    select
        {{ id }},
        corrections.correction_id,
        corrections.verdict,
        corrections.new_metric,
        corrections.new_dataset,
        corrections.new_condition,
        corrections.new_value,
        corrections.new_subject
    from (
        select
            found.{{ id }},
            corrections.*
        from {{ rows }} as found
        inner join {{ ref('int_corrections') }} as corrections
            on
                found.paper_id = corrections.paper_id
                and found.value_text = corrections.value_text
                and corrections.target = '{{ target }}'
                and corrections.is_last
                and {{ is_it }}
        qualify
            row_number() over (partition by corrections.correction_id order by {{ place }}, found.{{ id }}) = 1
    ) as corrections
    qualify
        row_number() over (
            partition by {{ id }} order by corrections.made_on desc, corrections.landed_at desc, corrections.correction_id
        ) = 1
        and corrections.verdict <> 'taken_back'
{% endmacro %}
