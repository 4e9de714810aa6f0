{% macro name_conditions(not_null, values, rules) %}
    {#- What holds of each row → its condition: of a test of row_rules, all that can be asked of a row by itself. -#}
    {%- set conditions = {} -%}
    {%- for column in not_null -%}
        {%- do conditions.update({column ~ ' is not null': column ~ ' is not null'}) -%}
    {%- endfor -%}
    {%- for column, allowed in values.items() -%}
        {%- set condition = 'coalesce(' ~ column ~ " in ('" ~ allowed | join("', '") ~ "'), true)" -%}
        {%- do conditions.update({column ~ ' is one of ' ~ allowed | join(', '): condition}) -%}
    {%- endfor -%}
    {%- do conditions.update(rules) -%}
    {% do return(conditions) %}
{% endmacro %}
