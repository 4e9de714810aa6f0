{% macro month_of_arxiv_id(arxiv_id) %}
    {#- The first day of the month in which arXiv gave the id ("2101.00001", "cs/0101001"). Source:
        https://info.arxiv.org/help/arxiv_identifier.html -#}
    try_strptime(regexp_extract({{ arxiv_id }}, '^([a-z-]+([.][A-Z]{2})?/)?([0-9]{4})', 3), '%y%m')::date
{%- endmacro %}

{% macro stable_key(columns) %}
    {#- The first 16 hexadecimal digits of the MD5 of the columns, joined by "|", which is doubled inside them; a null is "\N". -#}
    substring(md5(concat_ws('|'
        {%- for column in columns %}, coalesce(replace({{ column }}::varchar, '|', '||'), '\N'){% endfor -%}
    )), 1, 16)
{% endmacro %}
