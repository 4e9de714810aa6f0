{% macro folded_person(column) %}
    {#- A person's name without case, accents and punctuation. -#}
    trim(regexp_replace(lower(strip_accents({{ column }})), '[^\p{L}\p{N}]+', ' ', 'g'))
{% endmacro %}
