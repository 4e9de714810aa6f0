{% test span_matches_text(model, column_name, papers) %}
    -- Fails for every row that has a place in the published title or abstract which does not hold the column's text.
    select
        places.paper_id,
        places.{{ column_name }}
    from {{ model }} as places
    inner join {{ papers }} as papers on places.paper_id = papers.paper_id
    where
        places.section <> 'listing'
        and substring(
            if(places.section = 'title', papers.title, papers.abstract),
            places.char_start + 1,
            places.char_end - places.char_start
        ) is distinct from places.{{ column_name }}
{% endtest %}
