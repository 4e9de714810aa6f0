{% macro unit_of_board(unit, value_text) %}
    {#- The unit in which a board has a metric: the usual one, where the metric has one and the number is given in it or in none. -#}
    case
        when metrics.is_share then metrics.unit
        when {{ unit }} in ('score', 'points', 'other') then coalesce(metrics.unit, if(contains({{ value_text }}, '%'), 'percent', {{ unit }}))
        else {{ unit }}
    end
{% endmacro %}

{% macro level_of_result(together) %}
    {#- The value of a row of `results` on its board: where no result of a metric that is a share is above 1, they are fractions. together: the columns of results that are looked at as one. -#}
    if(
        metrics.is_share and max(results.value) over (partition by {{ together | join(', ') }}) <= 1,
        100 * results.value, results.value
    )
{% endmacro %}

{% macro is_quality() %}
    {#- Whether a metric, if it is known, can have a leaderboard: one of cost, of set-up or of no kind has none. -#}
    coalesce(metrics.family not in ('efficiency', 'general'), true)
{% endmacro %}
