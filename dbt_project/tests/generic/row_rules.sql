{% test row_rules(model, not_null=[], unique=[], references={}, values={}, rules={}) %}
    {#- Fails for every row that breaks a rule; names the rule and shows what breaks it. One test a table, as each costs
        dbt more than its query.
        not_null: columns. unique: keys, as 'column' or 'column, column'. references: column → relation with a column of
        that name. values: column → what it may hold, beside null. rules: what holds → condition, which null breaks too. #}
    {%- set conditions = {} -%}
    {%- for column in not_null -%}
        {%- do conditions.update({column ~ ' is not null': column ~ ' is not null'}) -%}
    {%- endfor -%}
    {%- for column, allowed in values.items() -%}
        {%- set condition = 'coalesce(' ~ column ~ " in ('" ~ allowed | join("', '") ~ "'), true)" -%}
        {%- do conditions.update({column ~ ' is one of ' ~ allowed | join(', '): condition}) -%}
    {%- endfor -%}
    {%- do conditions.update(rules) -%}
    {%- set queries = [] -%}
    {%- if conditions -%}
        {%- set query %}
    select
        array_to_string([
            {%- for rule, condition in conditions.items() %}
            if({{ condition }}, null, '{{ rule | replace("'", "''") }}'){{ ',' if not loop.last }}
            {%- endfor %}
        ], '; ') as broken_rules,
        judged::varchar as broken_by
    from {{ model }} as judged
    where ({{ conditions.values() | join(') is not true\n        or (') }}) is not true
        {%- endset -%}
        {%- do queries.append(query) -%}
    {%- endif -%}
    {%- for key in unique -%}
        {%- set query %}
    select '{{ key }}: no two rows have the same' as broken_rules, row({{ key }})::varchar as broken_by
    from {{ model }}
    group by {{ key }}
    having count(*) > 1
        {%- endset -%}
        {%- do queries.append(query) -%}
    {%- endfor -%}
    {%- for column, parent in references.items() -%}
        {%- set query %}
    select '{{ column }} is one of {{ parent.identifier }}' as broken_rules, {{ column }}::varchar as broken_by
    from {{ model }}
    anti join {{ parent }} using ({{ column }})
    where {{ column }} is not null
        {%- endset -%}
        {%- do queries.append(query) -%}
    {%- endfor -%}
    {{ queries | join('\n    union all') }}
{% endtest %}
