{% macro folded_name(column) %}
    {#- A metric's or dataset's name without case, hyphens and a unit in brackets: what its spellings share. -#}
    trim(regexp_replace(regexp_replace(lower({{ column }}), '\((?:%|in %|↑|↓)\)', ''), '[-_\s]+', ' ', 'g'))
{% endmacro %}

{% macro spellings_of(names, name, others) %}
    {#- (name, spelling): every name as its own spelling, and each of its other ones, which have | between them. -#}
    select
        {{ name }},
        {{ name }} as spelling
    from {{ names }}
    union all
    select
        {{ name }},
        unnest(string_split({{ others }}, '|')) as spelling
    from {{ names }}
    where {{ others }} is not null
{% endmacro %}

{% macro folded_person(column) %}
    {#- A person's name without case, accents and punctuation. -#}
    trim(regexp_replace(lower(strip_accents({{ column }})), '[^\p{L}\p{N}]+', ' ', 'g'))
{% endmacro %}
