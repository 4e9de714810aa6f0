select
    source,
    title,
    publisher,
    url,
    licence,
    description,
    schedule,
    text_trust,
    dates_trust,
    warn_after_days,
    error_after_days
from {{ source('raw', 'sources') }}
