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
            meta={'changes_by_paper': true},
        )
    }}
{% endmacro %}

{% macro records_to_build() %}
    {#- The records that such a model is made of: all of them, in an incremental run those of changed papers. (dbt must see each ref either way.) -#}
    {%- set all_records, changed_records = ref('stg_papers'), ref('int_changed_records') -%}
    {%- do ref('int_changed_papers') -%}
    {{ changed_records if is_incremental() else all_records }}
{% endmacro %}

{% macro most_trusted(column) %}
    {#- The column's value in the record of the most trusted source that has one, then the newest; never by the order of loading. -#}
    arg_max({{ column }}, (text_trust, coalesce(updated_on, listed_on, date '0001-01-01'), {{ column }}))
    filter (where {{ column }} is not null)
{% endmacro %}

{% macro record_number() %}
    {#- DuckDB's number of a row in its table; a unit test, whose tables have none, has its own. -#}
    rowid
{% endmacro %}

{% macro changed_papers_only() %}
    {#- In an incremental run: a condition that keeps the papers that a new load speaks of. (dbt must see the ref either way.) -#}
    {%- set changed_papers = ref('int_changed_papers') -%}
    {%- if is_incremental() -%}paper_id in (select paper_id from {{ changed_papers }}){%- else -%}true{%- endif -%}
{% endmacro %}

{% macro default__get_where_subquery(relation) %}
    {#-
        The rows that a generic test of a model asks. In an incremental run, of a model that changes by paper those of
        changed papers: the others were asked when they were written. Replaces dbt's macro, which reads a test's `where`.
    -#}
    {%- set model = graph.nodes.get('model.paperhouse.' ~ relation.identifier) if execute else none -%}
    {%- if flags.FULL_REFRESH or not model or not model.config.meta.changes_by_paper -%}
        {% do return(relation) %}
    {%- endif -%}
    {%- set changed_papers = graph.nodes['model.paperhouse.int_changed_papers'].relation_name -%}
    {% do return('(select * from ' ~ relation ~ ' where paper_id in (select paper_id from ' ~ changed_papers ~ '))') %}
{% endmacro %}
