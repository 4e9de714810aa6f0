{% macro incremental_by_paper() %}
    {#-
        The configuration of a model that grows with the papers: an incremental run first drops the rows of every paper
        that a new load speaks of, then appends those papers' rows. What it appends is the same as in a full build.
    -#}
    {{
        config(
            materialized='incremental',
            incremental_strategy='append',
            on_schema_change='fail',
            pre_hook="{% if is_incremental() %}delete from {{ this }} where paper_id in (select paper_id from {{ ref('int_changed_papers') }}){% endif %}",
        )
    }}
{% endmacro %}

{% macro changed_papers_only(paper_id='paper_id') %}
    {#- In an incremental run: a condition that keeps the papers that a new load speaks of. (dbt must see the ref either way.) -#}
    {%- set changed_papers = ref('int_changed_papers') -%}
    {%- if is_incremental() -%}{{ paper_id }} in (select paper_id from {{ changed_papers }}){%- else -%}true{%- endif -%}
{% endmacro %}
