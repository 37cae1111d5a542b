-- The card of the benchmark, by hand, for DuckDB. $as_of and $known_by are microseconds; a day is
-- 86400000000 of them. Amounts are whole hundredths of a point.
--
-- What was measured to arrive at this shape (see README.md): one grouped scan for all that is a
-- count, sum or maximum, with each condition inside the aggregate's argument (FILTER works out the
-- argument for every row first); COUNT, not SUM of 1 and 0 (which DuckDB adds as 128-bit numbers);
-- a second grouped scan for the distinct assets only; the days of the pricing page as bits, the
-- five latest clicks as a list, the last outcome packed below its time, so that none of the three
-- needs a scan, a sort or a join of its own.
WITH did AS (
    SELECT
        lead_id,
        MAX(at_us) AS last_at,
        COUNT(CASE WHEN event = 'page_viewed' AND at_us > $as_of - 30 * $day THEN 1 END) AS visits,
        COUNT(CASE WHEN event = 'page_viewed' AND at_us > $as_of - 30 * $day
                    AND seconds > 30 AND path LIKE '/docs/%' THEN 1 END) AS docs,
        MAX(CASE WHEN event = 'page_viewed' AND at_us > $as_of - 90 * $day
                  AND path LIKE '/product%' THEN seconds END) AS longest_visit,
        BIT_COUNT(BIT_OR(CASE WHEN event = 'page_viewed' AND at_us > $as_of - 14 * $day
                               AND path LIKE '/pricing%'
                         THEN CAST(1 AS BIGINT) << ($as_of // $day - at_us // $day) END)
        ) AS pricing_days,
        COUNT(CASE WHEN event = 'email_opened' AND at_us > $as_of - 30 * $day THEN 1 END) AS opens,
        COUNT(CASE WHEN event = 'form_submitted' AND form = 'contact'
                    AND at_us > $as_of - 60 * $day THEN 1 END) AS contacts,
        COUNT(CASE WHEN event IN ('email_bounced', 'spam_complaint')
                    AND at_us > $as_of - 90 * $day THEN 1 END) AS bounced,
        SUM(CASE WHEN event IN ('meeting_held', 'webinar_attended')
                  AND at_us > $as_of - 180 * $day THEN minutes END) AS meeting_minutes,
        SUM(CASE WHEN event = 'webinar_attended' AND at_us > $as_of - 60 * 30 * $day
            THEN POWER(0.5, CAST($as_of - at_us AS DOUBLE) / (30 * $day)) END) AS webinar,
        SUM(CASE WHEN event = 'trial_login' AND at_us > $as_of - 60 * 7 * $day
            THEN POWER(0.5, CAST($as_of - at_us AS DOUBLE) / (7 * $day)) END) AS trial,
        COUNT(CASE WHEN event = 'demo_requested' THEN 1 END) AS demos,
        COUNT(CASE WHEN event = 'unsubscribed' THEN 1 END) AS unsubscribed,
        MAX(CASE WHEN event = 'call_logged' THEN at_us * 4 + CASE outcome
            WHEN 'interested' THEN 0 WHEN 'no_answer' THEN 1
            WHEN 'not_now' THEN 2 WHEN 'wrong_person' THEN 3 END END) % 4 AS last_outcome,
        MAX(at_us, 5) FILTER (WHERE event = 'email_clicked') AS clicks
    FROM read_parquet('$events')
    WHERE at_us <= $as_of AND received_us <= $known_by
    GROUP BY lead_id
),
assets AS (
    SELECT
        lead_id,
        COUNT(*) AS assets,
        COUNT(CASE WHEN latest > $as_of - 180 * $day THEN 1 END) AS recent_assets
    FROM (
        SELECT lead_id, asset, MAX(at_us) AS latest
        FROM read_parquet('$events')
        WHERE event = 'content_downloaded' AND asset IS NOT NULL
          AND at_us <= $as_of AND received_us <= $known_by
        GROUP BY lead_id, asset
    )
    GROUP BY lead_id
),
known AS (
    SELECT
        leads.*,
        ($as_of - last_at) / CAST($day AS DOUBLE) AS days_quiet,
        ($as_of - created_at) / CAST($day AS DOUBLE) AS days_old,
        COALESCE(visits, 0) AS visits, COALESCE(docs, 0) AS docs, longest_visit,
        COALESCE(pricing_days, 0) AS pricing_days, COALESCE(opens, 0) AS opens,
        COALESCE(contacts, 0) AS contacts, COALESCE(bounced, 0) AS bounced,
        COALESCE(meeting_minutes, 0) AS meeting_minutes,
        COALESCE(webinar, 0) AS webinar_worth, COALESCE(trial, 0) AS trial_worth,
        COALESCE(demos, 0) AS demos, COALESCE(did.unsubscribed, 0) AS unsubscriptions,
        last_outcome,
        COALESCE(LIST_SUM([
            CASE WHEN $as_of - clicked < 60 * 14 * $day
            THEN POWER(0.5, CAST($as_of - clicked AS DOUBLE) / (14 * $day)) ELSE 0 END FOR clicked IN clicks
        ]), 0) AS click_worth,
        COALESCE(assets, 0) AS assets, COALESCE(recent_assets, 0) AS recent_assets
    FROM read_parquet('$leads') AS leads
    LEFT JOIN did USING (lead_id)
    LEFT JOIN assets USING (lead_id)
),
points AS (
    SELECT
        *,
        CASE WHEN company_size IS NULL THEN 300 WHEN company_size >= 1000 THEN 2500
             WHEN company_size >= 200 THEN 1800 WHEN company_size >= 50 THEN 1000
             ELSE 200 END AS p_size,
        CASE WHEN industry IN ('software', 'finance') THEN 1500
             WHEN industry IN ('health', 'manufacturing') THEN 800
             WHEN industry = 'government' THEN -500 ELSE 0 END AS p_industry,
        CASE WHEN country IN ('es', 'pt', 'fr', 'it', 'mx') THEN 1000 ELSE 0 END AS p_country,
        CASE WHEN role IS NULL THEN 200 WHEN role = 'c_level' THEN 2000
             WHEN role IN ('vp', 'director') THEN 1500 WHEN role = 'manager' THEN 800
             WHEN role = 'student' THEN -2000 ELSE 100 END AS p_role,
        budget / NULLIF(company_size, 0) AS per_seat,
        CASE WHEN per_seat BETWEEN 50 AND 5000 THEN 750 ELSE 0 END AS p_value_per_seat,
        CASE WHEN opted_in = 1 THEN 500 ELSE 0 END AS p_opted_in,
        CASE WHEN email_domain IN ('gmail.com', 'hotmail.com', 'yahoo.com')
               OR email_domain LIKE '%.edu' THEN -1200 ELSE 0 END AS p_free_mail,
        CASE WHEN CONTAINS(LOWER(tech_stack), 'salesforce') THEN 600 ELSE 0 END AS p_uses_crm,
        500 * pricing_days AS p_pricing, LEAST(0, 2000 - p_pricing) AS p_pricing__limit,
        75 * docs AS p_docs, LEAST(0, 1200 - p_docs) AS p_docs__limit,
        CAST(FLOOR(20 * webinar_worth * 100 + 0.5000001) AS BIGINT) AS p_webinar,
        400 * recent_assets AS p_downloads, LEAST(0, 2400 - p_downloads) AS p_downloads__limit,
        100 * LEAST(opens, 5) AS p_opens,
        CAST(FLOOR(3 * click_worth * 100 + 0.5000001) AS BIGINT) AS p_clicks,
        3000 * LEAST(demos, 1) AS p_demo,
        CASE WHEN opted_in = 1 THEN 1500 * contacts ELSE 0 END AS p_contact_form,
        -1000 * unsubscriptions AS p_unsubscribed,
        GREATEST(0, -2000 - p_unsubscribed) AS p_unsubscribed__limit,
        -250 * bounced AS p_bounced,
        CASE WHEN visits >= 10 THEN 1000 WHEN visits >= 3 THEN 500 ELSE 0 END AS p_visits,
        CASE WHEN assets >= 5 THEN 800 WHEN assets >= 2 THEN 400 ELSE 0 END AS p_breadth,
        CASE WHEN meeting_minutes >= 120 THEN 1200 WHEN meeting_minutes >= 30 THEN 600
             ELSE 0 END AS p_meetings,
        CASE WHEN longest_visit > 300 THEN 400 ELSE 0 END AS p_depth,
        CASE last_outcome WHEN 0 THEN 1500 WHEN 3 THEN -1000 WHEN 1 THEN 100 WHEN 2 THEN 100
             ELSE 0 END AS p_last_call,
        CASE WHEN days_quiet IS NULL THEN -100 WHEN days_quiet <= 7 THEN 1000
             WHEN days_quiet <= 30 THEN 500 ELSE 0 END AS p_recency,
        CAST(FLOOR(2 * trial_worth * 100 + 0.5000001) AS BIGINT) AS p_trial,
        LEAST(0, 1500 - p_trial) AS p_trial__limit
    FROM known
),
summed AS (
    SELECT
        *,
        p_size + p_industry + p_country + p_role + p_value_per_seat + p_opted_in + p_free_mail
            + p_uses_crm AS fit,
        GREATEST(0, -fit) AS fit__min,
        LEAST(0, 6000 - fit - fit__min) AS fit__max,
        fit + fit__min + fit__max AS fit__total,
        p_pricing + p_pricing__limit + p_docs + p_docs__limit + p_webinar + p_downloads
            + p_downloads__limit + p_opens + p_clicks + p_demo + p_contact_form + p_unsubscribed
            + p_unsubscribed__limit + p_bounced AS engagement,
        CASE WHEN days_quiet > 60 AND engagement > 0
             THEN (engagement * -50 + 50) // 100 - CASE WHEN (engagement * -50 + 50) % 100 < 0
                  THEN 1 ELSE 0 END ELSE 0 END AS p_quiet,
        LEAST(0, 6000 - engagement - p_quiet) AS engagement__max,
        engagement + p_quiet + engagement__max AS engagement__total,
        p_visits + p_breadth + p_meetings + p_depth + p_last_call + p_recency + p_trial
            + p_trial__limit AS intent__total
    FROM points
),
adjusted AS (
    SELECT
        *,
        fit__total + engagement__total + intent__total AS before_home,
        CASE WHEN country = 'es' AND before_home > 0
             THEN (before_home * 10 + 50) // 100 ELSE 0 END AS p_home_market,
        before_home + p_home_market AS before_stale,
        CASE WHEN days_old > 700 AND opted_in = 0 AND before_stale > 0
             THEN CAST(FLOOR(before_stale * -20 / 100 + 0.5000001) AS BIGINT)
             ELSE 0 END AS p_stale_record,
        before_stale + p_stale_record AS before_min,
        GREATEST(0, -before_min) AS score__min,
        LEAST(0, 10000 - before_min - score__min) AS score__max,
        before_min + score__min + score__max AS score
    FROM summed
)
SELECT
    lead_id,
    p_size AS size, p_industry AS industry, p_country AS country, p_role AS role,
    p_value_per_seat AS value_per_seat, p_opted_in AS opted_in, p_free_mail AS free_mail,
    p_uses_crm AS uses_crm, fit__min, fit__max,
    p_pricing AS pricing, p_pricing__limit AS pricing__limit, p_docs AS docs,
    p_docs__limit AS docs__limit, p_webinar AS webinar, p_downloads AS downloads,
    p_downloads__limit AS downloads__limit, p_opens AS opens, p_clicks AS clicks, p_demo AS demo,
    p_contact_form AS contact_form, p_unsubscribed AS unsubscribed,
    p_unsubscribed__limit AS unsubscribed__limit, p_bounced AS bounced, p_quiet AS quiet,
    engagement__max,
    p_visits AS visits, p_breadth AS breadth, p_meetings AS meetings, p_depth AS depth,
    p_last_call AS last_call, p_recency AS recency, p_trial AS trial,
    p_trial__limit AS trial__limit,
    p_home_market AS home_market, p_stale_record AS stale_record, score__min, score__max,
    fit__total, engagement__total, intent__total, score,
    CASE WHEN score > 7000 THEN 'call' WHEN score >= 4500 THEN 'hot' WHEN score >= 2000 THEN 'warm'
         ELSE 'cold' END AS band,
    CASE WHEN fit__total >= 4500 THEN 'A' WHEN fit__total >= 3000 THEN 'B'
         WHEN fit__total >= 1500 THEN 'C' ELSE 'D' END
    || CASE WHEN engagement__total >= 4000 THEN '1' WHEN engagement__total >= 1500 THEN '2'
         ELSE '3' END AS grade,
    CONCAT_WS(' ',
        CASE WHEN company_size IS NULL THEN 'size' END,
        CASE WHEN adjusted.industry IS NULL THEN 'industry' END,
        CASE WHEN adjusted.country IS NULL THEN 'country' END,
        CASE WHEN adjusted.role IS NULL THEN 'role' END,
        CASE WHEN per_seat IS NULL THEN 'value-per-seat' END,
        CASE WHEN adjusted.opted_in IS NULL THEN 'opted-in' END,
        CASE WHEN email_domain IS NULL THEN 'free-mail' END,
        CASE WHEN tech_stack IS NULL THEN 'uses-crm' END,
        CASE WHEN adjusted.opted_in IS NULL THEN 'contact-form' END,
        CASE WHEN days_quiet IS NULL THEN 'quiet' END,
        CASE WHEN longest_visit IS NULL THEN 'depth' END,
        CASE WHEN last_outcome IS NULL THEN 'last-call' END,
        CASE WHEN days_quiet IS NULL THEN 'recency' END,
        CASE WHEN adjusted.country IS NULL THEN 'home-market' END,
        CASE WHEN (days_old > 700 AND adjusted.opted_in = 0) IS NULL THEN 'stale-record' END
    ) AS unknown
FROM adjusted
