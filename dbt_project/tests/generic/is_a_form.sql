{% test is_a_form(model, column_name) %}
    -- Fails for every rule that is no row of claim_forms.
    select {{ column_name }}
    from {{ model }}
    where split_part({{ column_name }}, '+', 1) not in (select form from {{ ref('claim_forms') }})
{% endtest %}
