{% test row_rules(model, rules) %}
    -- Fails for every row for which a condition is not true, and names what it breaks. rules: what holds → condition.
    -- One test a model: each costs dbt more than the query.
    select
        array_to_string([
            {% for rule, condition in rules.items() %}
                if(coalesce({{ condition }}, false), null, '{{ rule | replace("'", "''") }}'){{ ',' if not loop.last }}
            {% endfor %}
        ], '; ') as broken_rules,
        *
    from {{ model }}
    where broken_rules <> ''
{% endtest %}
