{% macro stable_key(columns) %}
    {#- The first 16 hexadecimal digits of the MD5 of the columns, joined by "|", which is doubled inside them; a null is "\N". -#}
    substring(md5(concat_ws('|'
        {%- for column in columns %}, coalesce(replace({{ column }}::varchar, '|', '||'), '\N'){% endfor -%}
    )), 1, 16)
{% endmacro %}
