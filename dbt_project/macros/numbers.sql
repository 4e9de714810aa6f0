{% macro is_rounded(a, b, a_decimals, b_decimals) %}
    {#- Whether two numbers are one, rounded to the fewer of their decimals. -#}
    abs({{ a }} - {{ b }}) <= 0.5 * pow(10, -greatest(least({{ a_decimals }}, {{ b_decimals }}), 0)) + 1e-9
{% endmacro %}
