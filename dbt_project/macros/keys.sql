{% macro stable_key(columns) %}
    {#- The first 16 hexadecimal digits of the MD5 of the columns, joined by a character that none of them holds. -#}
    substring(md5(concat_ws('|', {{ columns | join(', ') }})), 1, 16)
{% endmacro %}
