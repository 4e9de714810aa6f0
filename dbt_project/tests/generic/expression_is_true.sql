{% test expression_is_true(model, condition) %}
    -- Fails for every row for which the condition is not true.
    select * from {{ model }} where not coalesce({{ condition }}, false)
{% endtest %}
