select *
from {{ source('raw', 'link_checks') }}
-- Of several checks of one URL and instant one counts, always the same.
qualify
    row_number() over (
        partition by url, checked_at
        order by
            state desc, http_status desc, redirected_to desc, stars desc, forks desc, last_commit_at desc,
            problem desc, batch_id asc, entry_index asc
    ) = 1
