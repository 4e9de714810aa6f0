{% test never_null(model, columns) %}
    -- Fails for every row that has no value in one of the columns. One test a model: each costs dbt more than the query.
    select {{ columns | join(', ') }}
    from {{ model }}
    where not ({{ columns | join(' is not null and ') }} is not null)
{% endtest %}
