{% macro unit_of_result() %}
    {#- The unit of a row of `results` that names none: its metric's, as `metrics` has it. -#}
    coalesce(metrics.unit, if(contains(results.value_text, '%'), 'percent', 'other'))
{% endmacro %}

{% macro level_of_result(together) %}
    {#- The value of a row of `results` in that unit: where no result of a metric in percent is above 1, they are fractions. together: the columns of results that are looked at as one. -#}
    if(
        metrics.unit = 'percent' and max(results.value) over (partition by {{ together | join(', ') }}) <= 1,
        100 * results.value, results.value
    )
{% endmacro %}
