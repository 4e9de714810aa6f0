{% test unique_together(model, columns) %}
    -- Fails for every combination of the columns that more than one row has.
    select {{ columns | join(', ') }}
    from {{ model }}
    group by all
    having count(*) > 1
{% endtest %}
