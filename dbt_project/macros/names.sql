{% macro folded_name(column) %}
    {#- A metric's or dataset's name without case, hyphens and a unit in brackets: what its spellings share. -#}
    trim(regexp_replace(regexp_replace(lower({{ column }}), '\((?:%|in %|↑|↓)\)', ''), '[-_\s]+', ' ', 'g'))
{% endmacro %}
