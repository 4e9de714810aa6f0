{% test row_rules(model, not_null=[], unique=[], references={}, values={}, rules={}, changed_rows=none) %}
    -- Fails for every row that breaks a rule; names the rule and shows what breaks it. One test a table, as each costs dbt
    -- more than its query.
    -- not_null: columns. unique: keys, as 'column' or 'column, column'. references: column → relation with a column of that
    -- name. values: column → what it may hold, beside null. rules: what holds → condition, which null breaks too.
    {% set conditions = name_conditions(not_null, values, rules) %}
    -- changed_rows: a model that has those of its rows that an incremental run asks.
    {% set model = changed_rows if changed_rows and not flags.FULL_REFRESH else model %}
    select
        array_to_string([
            {% for rule, condition in conditions.items() %}
                if({{ condition }}, null, '{{ rule | replace("'", "''") }}'){{ ',' if not loop.last }}
            {% endfor %}
        ], '; ') as broken_rules,
        judged::varchar as broken_by
    from {{ model }} as judged
    where ({{ (conditions.values() | list or ['true']) | join(') is not true or (') }}) is not true
    -- What several rows have.
    {% for key in unique %}
        union all
        select
            '{{ key }}: no two rows have the same' as broken_rules,
            row({{ key }})::varchar as broken_by
        from {{ model }}
        group by {{ key }}
        having count(*) > 1
    {% endfor %}
    -- What the other table has not.
    {% for column, parent in references.items() %}
        union all
        select
            '{{ column }} is one of {{ parent.identifier }}' as broken_rules,
            {{ column }}::varchar as broken_by
        from {{ model }}
        anti join {{ parent }} using ({{ column }})
        where {{ column }} is not null
    {% endfor %}
{% endtest %}
