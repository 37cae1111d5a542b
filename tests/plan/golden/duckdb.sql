WITH "totals" /* One pass over the events that count: per lead, one aggregate for each thing to know. */ AS (
  SELECT
    "lead_id",
    COUNT(CASE WHEN "event" = 'page_viewed' AND "at_us" > 1781568000000000 THEN 1 END) AS "_1",
    SUM(
      CASE
        WHEN "event" = 'page_viewed' AND (
          NOT (
            "path" LIKE '/jobs%'
          )
        )
        THEN "seconds"
      END
    ) AS "_3",
    MAX(CASE WHEN "event" = 'page_viewed' THEN "seconds" END) AS "_4",
    MIN(CASE WHEN "event" = 'page_viewed' THEN "seconds" END) AS "_5",
    MAX(
      CASE
        WHEN "event" = 'demo_requested'
        THEN CASE
          WHEN "product" = 'basic'
          THEN (
            "at_us" * 2
          ) + 0
          WHEN "product" = 'pro'
          THEN (
            "at_us" * 2
          ) + 1
        END
      END
    ) AS "_6",
    MIN("at_us") AS "_7",
    MAX("at_us") AS "_8",
    COUNT(CASE WHEN "event" IN ('demo_requested', 'survey_answered') THEN 1 END) AS "_11",
    COUNT(1) AS "_12",
    COUNT(
      CASE
        WHEN "event" = 'survey_answered'
        AND (
          "satisfaction" > -CAST(1.0 AS DOUBLE) AND "satisfaction" < CAST(3.0 AS DOUBLE)
        )
        THEN 1
      END
    ) AS "_13"
  FROM "events"
  WHERE
    "event" IN ('page_viewed', 'paper_downloaded', 'demo_requested', 'survey_answered')
    AND "at_us" <= CAST(1782777600000000 AS BIGINT)
    AND "received_us" <= CAST(1782777600000000 AS BIGINT)
  GROUP BY
    "lead_id"
), "days" /* How often on each day (Europe/Madrid). */ AS (
  SELECT
    "lead_id",
    CAST(FLOOR(CAST((
      "at_us" + 7200000000
    ) AS DOUBLE) / CAST(86400000000.0 AS DOUBLE)) AS BIGINT) AS "_day",
    COUNT(1) AS "_n1"
  FROM "events"
  WHERE
    (
      (
        "event" = 'page_viewed'
        AND "at_us" <= CAST(1782777600000000 AS BIGINT)
        AND "received_us" <= CAST(1782777600000000 AS BIGINT)
      )
      AND "at_us" > 1781568000000000
    )
    AND (
      "path" LIKE '/pricing%' AND "seconds" >= CAST(10.0 AS DOUBLE)
    )
  GROUP BY
    "lead_id",
    "_day"
), "daily" /* At most the limit of each day. */ AS (
  SELECT
    "lead_id",
    CAST(SUM(CASE WHEN "_n1" <= 1 THEN "_n1" ELSE 1 END) AS BIGINT) AS "_9"
  FROM "days"
  GROUP BY
    "lead_id"
), "values_1" /* One row for each different value of path. */ AS (
  SELECT
    "lead_id",
    MAX(1) AS "_n1"
  FROM "events"
  WHERE
    (
      "event" = 'page_viewed'
      AND "at_us" <= CAST(1782777600000000 AS BIGINT)
      AND "received_us" <= CAST(1782777600000000 AS BIGINT)
    )
    AND NOT "path" IS NULL
  GROUP BY
    "lead_id",
    "path"
), "distinct_1" /* How many different values, or what is left of them. */ AS (
  SELECT
    "lead_id",
    COUNT("_n1") AS "_2"
  FROM "values_1"
  GROUP BY
    "lead_id"
), "kept" /* The occurrences that distinct values and limits leave, one by one. */ AS (
  SELECT
    1 AS "_slot",
    "lead_id",
    "_worth",
    CAST(NULL AS DOUBLE) AS "_number",
    CAST(NULL AS TEXT) AS "_text"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY "lead_id" ORDER BY "_at" DESC) AS "_rank"
      FROM (
        SELECT
          "lead_id",
          MAX("at_us") AS "_at",
          MAX(
            CASE
              WHEN CAST(1782777600000000 AS BIGINT) - "at_us" < 155520000000000
              THEN POWER(
                CAST(0.5 AS DOUBLE),
                CAST((
                  CAST(1782777600000000 AS BIGINT) - "at_us"
                ) AS DOUBLE) / CAST(2592000000000.0 AS DOUBLE)
              )
              ELSE CAST(0.0 AS DOUBLE)
            END
          ) AS "_worth"
        FROM "events"
        WHERE
          (
            "event" = 'paper_downloaded'
            AND "at_us" <= CAST(1782777600000000 AS BIGINT)
            AND "received_us" <= CAST(1782777600000000 AS BIGINT)
          )
          AND NOT "asset" IS NULL
        GROUP BY
          "lead_id",
          "asset"
      ) AS "_base"
    ) AS "_ranked"
    WHERE
      "_rank" <= 2
  ) AS "_kept_1"
), "weighed" /* Their number, their weight or their last value. */ AS (
  SELECT
    "lead_id",
    SUM(CASE WHEN "_slot" = 1 THEN "_worth" END) AS "_10"
  FROM "kept"
  GROUP BY
    "lead_id"
), "measured" /* Each lead with what was known of it and what it had done. */ AS (
  SELECT
    "asked"."lead_id",
    "asked"."as_of_us",
    "asked"."known_by_us",
    "facts"."employees",
    "facts"."seats",
    "facts"."price",
    "facts"."months",
    "facts"."country",
    "facts"."email",
    "facts"."role",
    "facts"."opted_in",
    "facts"."created_at",
    "facts"."renewal_at",
    COALESCE("_1", CAST(0 AS BIGINT)) AS "_1",
    COALESCE("_2", CAST(0 AS BIGINT)) AS "_2",
    "_3" AS "_3",
    "_4" AS "_4",
    "_5" AS "_5",
    CASE
      WHEN (
        (
          "_6" % 2
        ) + 2
      ) % 2 = 0
      THEN 'basic'
      WHEN (
        (
          "_6" % 2
        ) + 2
      ) % 2 = 1
      THEN 'pro'
    END AS "_6",
    "_7" AS "_7",
    "_8" AS "_8",
    COALESCE("_9", CAST(0 AS BIGINT)) AS "_9",
    COALESCE("_10", CAST(0.0 AS DOUBLE)) AS "_10",
    COALESCE("_11", CAST(0 AS BIGINT)) AS "_11",
    COALESCE("_12", CAST(0 AS BIGINT)) AS "_12",
    COALESCE("_13", CAST(0 AS BIGINT)) AS "_13"
  FROM (
    SELECT
      "lead_id",
      CAST(1782777600000000 AS BIGINT) AS "as_of_us",
      CAST(1782777600000000 AS BIGINT) AS "known_by_us"
    FROM "leads"
  ) AS "asked"
  LEFT JOIN "facts"
    ON "facts"."lead_id" = "asked"."lead_id"
    AND "facts"."from_us" <= CAST(1782777600000000 AS BIGINT)
    AND "facts"."until_us" > CAST(1782777600000000 AS BIGINT)
  LEFT JOIN "totals"
    ON "totals"."lead_id" = "asked"."lead_id"
  LEFT JOIN "daily"
    ON "daily"."lead_id" = "asked"."lead_id"
  LEFT JOIN "distinct_1"
    ON "distinct_1"."lead_id" = "asked"."lead_id"
  LEFT JOIN "weighed"
    ON "weighed"."lead_id" = "asked"."lead_id"
), "decided" /* Which tier is true: its number, 0 for none, -1 where it cannot be decided. */ AS (
  SELECT
    "lead_id",
    "as_of_us",
    "known_by_us",
    "_1",
    "_2",
    "_3",
    "_4",
    "_5",
    "_6",
    "_7",
    "_8",
    "_9",
    "_10",
    "_11",
    "_12",
    "_13",
    CASE
      WHEN "employees" >= CAST(1000.0 AS DOUBLE)
      THEN 1
      WHEN "employees" BETWEEN CAST(100.0 AS DOUBLE) AND CAST(999.0 AS DOUBLE)
      THEN 2
      WHEN "employees" IS NULL
      THEN -1
      ELSE 0
    END AS "_size_state",
    CASE WHEN "country" IN ('es', 'pt') THEN 1 WHEN "country" IS NULL THEN -1 ELSE 0 END AS "_country_state",
    CASE
      WHEN "role" = 'c_level'
      THEN 1
      WHEN "role" <> 'other'
      THEN 2
      WHEN "role" IS NULL
      THEN -1
      ELSE 0
    END AS "_role_state",
    CASE
      WHEN "email" LIKE '%@%'
      AND NOT (
        CASE
          WHEN STRLEN("email") = LENGTH("email")
          THEN LOWER("email")
          ELSE TRANSLATE("email", 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')
        END LIKE '%@gmail.%'
      )
      THEN 1
      WHEN "email" IS NULL
      THEN -1
      ELSE 0
    END AS "_work_email_state",
    CASE
      WHEN (
        (
          (
            "seats" + CAST(2.0 AS DOUBLE)
          ) * "price"
        ) / NULLIF("months", CAST(0.0 AS DOUBLE))
      ) - CAST(50.0 AS DOUBLE) >= CAST(100.0 AS DOUBLE)
      THEN 1
      WHEN (
        (
          (
            (
              "seats" + CAST(2.0 AS DOUBLE)
            ) * "price"
          ) / NULLIF("months", CAST(0.0 AS DOUBLE))
        ) - CAST(50.0 AS DOUBLE) >= CAST(100.0 AS DOUBLE)
      ) IS NULL
      THEN -1
      ELSE 0
    END AS "_deal_state",
    CASE WHEN "opted_in" = 1 THEN 1 WHEN (
      "opted_in" = 1
    ) IS NULL THEN -1 ELSE 0 END AS "_consent_state",
    CASE
      WHEN CAST("as_of_us" - "created_at" AS DOUBLE) / CAST(86400000000.0 AS DOUBLE) <= CAST(30.0 AS DOUBLE)
      THEN 1
      WHEN "created_at" IS NULL
      THEN -1
      ELSE 0
    END AS "_new_account_state",
    CASE
      WHEN NOT (
        "renewal_at" IS NULL
      ) AND "renewal_at" < 1782864000000000
      THEN 1
      WHEN (
        NOT (
          "renewal_at" IS NULL
        ) AND "renewal_at" < 1782864000000000
      ) IS NULL
      THEN -1
      ELSE 0
    END AS "_renewal_state",
    CASE
      WHEN "email" LIKE 'press@%' OR NOT (
        "country" IN ('es', 'pt', 'fr')
      )
      THEN 1
      WHEN (
        "email" LIKE 'press@%' OR NOT (
          "country" IN ('es', 'pt', 'fr')
        )
      ) IS NULL
      THEN -1
      ELSE 0
    END AS "_press_state",
    CASE WHEN "email" IS NULL THEN 1 WHEN (
      "email" IS NULL
    ) IS NULL THEN -1 ELSE 0 END AS "_unreachable_state",
    CASE WHEN "role" <> 'other' THEN 1 WHEN "role" IS NULL THEN -1 ELSE 0 END AS "_talks_state",
    CASE
      WHEN CAST("_1" AS DOUBLE) >= CAST(3.0 AS DOUBLE)
      AND CAST("_2" AS DOUBLE) > CAST(1.0 AS DOUBLE)
      THEN 1
      ELSE 0
    END AS "_regular_state",
    CASE
      WHEN CASE
        WHEN "_3" BETWEEN CAST(-1000000000.0 AS DOUBLE) AND CAST(1000000000.0 AS DOUBLE)
        THEN CAST(FLOOR("_3" * CAST(1000000.0 AS DOUBLE) + CAST(0.5 AS DOUBLE)) AS DOUBLE) / CAST(1000000.0 AS DOUBLE)
        ELSE "_3"
      END > CAST(120.0 AS DOUBLE)
      OR "_4" >= CAST(100.0 AS DOUBLE)
      THEN 1
      WHEN "_5" < CAST(5.0 AS DOUBLE)
      THEN 2
      WHEN (
        (
          CASE
            WHEN "_3" BETWEEN CAST(-1000000000.0 AS DOUBLE) AND CAST(1000000000.0 AS DOUBLE)
            THEN CAST(FLOOR("_3" * CAST(1000000.0 AS DOUBLE) + CAST(0.5 AS DOUBLE)) AS DOUBLE) / CAST(1000000.0 AS DOUBLE)
            ELSE "_3"
          END > CAST(120.0 AS DOUBLE)
          OR "_4" >= CAST(100.0 AS DOUBLE)
        )
        OR "_5" < CAST(5.0 AS DOUBLE)
      ) IS NULL
      THEN -1
      ELSE 0
    END AS "_reader_state",
    CASE WHEN "_6" = 'pro' THEN 1 WHEN "_6" IS NULL THEN -1 ELSE 0 END AS "_wants_pro_state",
    CASE
      WHEN CAST("as_of_us" - "_7" AS DOUBLE) / CAST(86400000000.0 AS DOUBLE) > CAST(60.0 AS DOUBLE)
      THEN 1
      WHEN (
        CAST("as_of_us" - "_7" AS DOUBLE) / CAST(86400000000.0 AS DOUBLE)
      ) IS NULL
      THEN -1
      ELSE 0
    END AS "_known_long_state",
    CASE WHEN NOT (
      "opted_in" = 1
    ) THEN 1 WHEN "opted_in" IS NULL THEN -1 ELSE 0 END AS "_no_consent_state",
    CASE
      WHEN COALESCE(
        CAST("as_of_us" - "_8" AS DOUBLE) / CAST(86400000000.0 AS DOUBLE),
        CAST("as_of_us" - "created_at" AS DOUBLE) / CAST(86400000000.0 AS DOUBLE)
      ) > CAST(60.0 AS DOUBLE)
      THEN 1
      WHEN (
        COALESCE(
          CAST("as_of_us" - "_8" AS DOUBLE) / CAST(86400000000.0 AS DOUBLE),
          CAST("as_of_us" - "created_at" AS DOUBLE) / CAST(86400000000.0 AS DOUBLE)
        ) > CAST(60.0 AS DOUBLE)
      ) IS NULL
      THEN -1
      ELSE 0
    END AS "_quiet_state",
    CASE
      WHEN "country" = 'es' AND "employees" > CAST(5000.0 AS DOUBLE)
      THEN 1
      WHEN (
        "country" = 'es' AND "employees" > CAST(5000.0 AS DOUBLE)
      ) IS NULL
      THEN -1
      ELSE 0
    END AS "_strategic_state"
  FROM "measured"
), "amounts" /* What each criterion gives, in hundredths. */ AS (
  SELECT
    *,
    CAST(CASE
      WHEN "_size_state" = 1
      THEN 3000
      WHEN "_size_state" = 2
      THEN 1500
      WHEN "_size_state" = -1
      THEN 200
      WHEN "_size_state" = 0
      THEN 500
      ELSE 0
    END AS BIGINT) AS "size",
    CAST(CASE WHEN "_country_state" = 1 THEN 1000 ELSE 0 END AS BIGINT) AS "country",
    CAST(CASE
      WHEN "_role_state" = 1
      THEN 2000
      WHEN "_role_state" = 2
      THEN 1000
      WHEN "_role_state" = 0
      THEN 100
      ELSE 0
    END AS BIGINT) AS "role",
    CAST(CASE WHEN "_work_email_state" = 1 THEN 500 ELSE 0 END AS BIGINT) AS "work_email",
    CAST(CASE WHEN "_deal_state" = 1 THEN 600 ELSE 0 END AS BIGINT) AS "deal",
    CAST(CASE WHEN "_consent_state" = 1 THEN 300 ELSE 0 END AS BIGINT) AS "consent",
    CAST(CASE WHEN "_new_account_state" = 1 THEN 400 ELSE 0 END AS BIGINT) AS "new_account",
    CAST(CASE WHEN "_renewal_state" = 1 THEN 800 ELSE 0 END AS BIGINT) AS "renewal",
    CAST(CASE WHEN "_press_state" = 1 THEN -900 ELSE 0 END AS BIGINT) AS "press",
    CAST(CASE WHEN "_unreachable_state" = 1 THEN -100 ELSE 0 END AS BIGINT) AS "unreachable",
    CAST("_9" * 500 AS BIGINT) AS "pricing",
    CAST(FLOOR((
      "_10" * CAST(1000.0 AS DOUBLE)
    ) + CAST(0.5000001 AS DOUBLE)) AS BIGINT) AS "papers",
    CAST(CASE WHEN "_talks_state" = 1 THEN "_11" * 600 ELSE 0 END AS BIGINT) AS "talks",
    CAST(CASE WHEN "_12" <= 4 THEN "_12" ELSE 4 END * 50 AS BIGINT) AS "anything",
    CAST("_13" * (
      -1200
    ) AS BIGINT) AS "unhappy",
    CAST(CASE WHEN "_regular_state" = 1 THEN 600 ELSE 0 END AS BIGINT) AS "regular",
    CAST(CASE
      WHEN "_reader_state" = 1
      THEN 500
      WHEN "_reader_state" = 2
      THEN -200
      WHEN "_reader_state" = 0
      THEN 100
      ELSE 0
    END AS BIGINT) AS "reader",
    CAST(CASE WHEN "_wants_pro_state" = 1 THEN 700 ELSE 0 END AS BIGINT) AS "wants_pro",
    CAST(CASE WHEN "_known_long_state" = 1 THEN 900 ELSE 0 END AS BIGINT) AS "known_long"
  FROM "decided"
), "limits" /* What limits of points take away. */ AS (
  SELECT
    *,
    CAST(CASE WHEN "pricing" > 1200 THEN 1200 - "pricing" ELSE 0 END AS BIGINT) AS "pricing__limit",
    CAST(CASE WHEN "unhappy" < -2000 THEN (
      -2000
    ) - "unhappy" ELSE 0 END AS BIGINT) AS "unhappy__limit"
  FROM "amounts"
), "sums" /* The sum of each dimension's criteria. */ AS MATERIALIZED (
  SELECT
    *,
    CAST("size" + "country" + "role" + "work_email" + "deal" + "consent" + "new_account" + "renewal" + "press" + "unreachable" AS BIGINT) AS "_fit_sum",
    CAST("pricing" + "pricing__limit" + "papers" + "talks" + "anything" + "unhappy" + "unhappy__limit" + "regular" + "reader" + "wants_pro" + "known_long" AS BIGINT) AS "_engagement_sum"
  FROM "limits"
), "adjusted_1" /* Percents of what stands before them. */ AS (
  SELECT
    *,
    CAST(CASE
      WHEN "_no_consent_state" = 1 AND "_fit_sum" > 0
      THEN CAST(FLOOR(
        (
          (
            CAST("_fit_sum" AS DOUBLE) * CAST(-2000.0 AS DOUBLE)
          ) / CAST(10000.0 AS DOUBLE)
        ) + CAST(0.5000001 AS DOUBLE)
      ) AS BIGINT)
      ELSE 0
    END AS BIGINT) AS "no_consent",
    CAST(CASE
      WHEN "_quiet_state" = 1 AND "_engagement_sum" > 0
      THEN CAST(FLOOR(
        (
          (
            CAST("_engagement_sum" AS DOUBLE) * CAST(-5000.0 AS DOUBLE)
          ) / CAST(10000.0 AS DOUBLE)
        ) + CAST(0.5000001 AS DOUBLE)
      ) AS BIGINT)
      ELSE 0
    END AS BIGINT) AS "quiet"
  FROM "sums"
), "ranged" /* What minimum and maximum add and take away. */ AS (
  SELECT
    *,
    CAST(CASE
      WHEN (
        "_fit_sum" + "no_consent"
      ) < 0
      THEN 0 - (
        "_fit_sum" + "no_consent"
      )
      ELSE 0
    END AS BIGINT) AS "fit__min",
    CAST(CASE
      WHEN (
        "_fit_sum" + "no_consent"
      ) > 6000
      THEN 6000 - (
        "_fit_sum" + "no_consent"
      )
      ELSE 0
    END AS BIGINT) AS "fit__max",
    CAST(CASE
      WHEN (
        "_engagement_sum" + "quiet"
      ) < -500
      THEN (
        -500
      ) - (
        "_engagement_sum" + "quiet"
      )
      ELSE 0
    END AS BIGINT) AS "engagement__min",
    CAST(CASE
      WHEN (
        "_engagement_sum" + "quiet"
      ) > 4000
      THEN 4000 - (
        "_engagement_sum" + "quiet"
      )
      ELSE 0
    END AS BIGINT) AS "engagement__max"
  FROM "adjusted_1"
), "totals_by_dimension" /* Each dimension's total. */ AS (
  SELECT
    *,
    CAST((
      (
        "_fit_sum" + "no_consent"
      ) + "fit__min" + "fit__max"
    ) AS BIGINT) AS "fit__total",
    CAST((
      (
        "_engagement_sum" + "quiet"
      ) + "engagement__min" + "engagement__max"
    ) AS BIGINT) AS "engagement__total"
  FROM "ranged"
), "summed" /* The sum of the dimensions. */ AS (
  SELECT
    *,
    CAST("fit__total" + "engagement__total" AS BIGINT) AS "_score_sum"
  FROM "totals_by_dimension"
), "score_adjusted_1" /* A percent of the whole score so far. */ AS (
  SELECT
    *,
    CAST(CASE
      WHEN "_strategic_state" = 1 AND "_score_sum" > 0
      THEN CAST(FLOOR(
        (
          (
            CAST("_score_sum" AS DOUBLE) * CAST(1250.0 AS DOUBLE)
          ) / CAST(10000.0 AS DOUBLE)
        ) + CAST(0.5000001 AS DOUBLE)
      ) AS BIGINT)
      ELSE 0
    END AS BIGINT) AS "strategic"
  FROM "summed"
), "score_ranged" /* What the score's range adds and takes. */ AS (
  SELECT
    *,
    CAST(CASE
      WHEN (
        "_score_sum" + "strategic"
      ) < 0
      THEN 0 - (
        "_score_sum" + "strategic"
      )
      ELSE 0
    END AS BIGINT) AS "score__min",
    CAST(CASE
      WHEN (
        "_score_sum" + "strategic"
      ) > 10000
      THEN 10000 - (
        "_score_sum" + "strategic"
      )
      ELSE 0
    END AS BIGINT) AS "score__max"
  FROM "score_adjusted_1"
), "scored" /* The score: the sum of all lines. */ AS (
  SELECT
    *,
    CAST((
      "_score_sum" + "strategic"
    ) + "score__min" + "score__max" AS BIGINT) AS "score"
  FROM "score_ranged"
)
SELECT
  "lead_id",
  "as_of_us",
  "known_by_us",
  "size",
  "country",
  "role",
  "work_email",
  "deal",
  "consent",
  "new_account",
  "renewal",
  "press",
  "unreachable",
  "no_consent",
  "fit__min",
  "fit__max",
  "pricing",
  "pricing__limit",
  "papers",
  "talks",
  "anything",
  "unhappy",
  "unhappy__limit",
  "regular",
  "reader",
  "wants_pro",
  "known_long",
  "quiet",
  "engagement__min",
  "engagement__max",
  "strategic",
  "score__min",
  "score__max",
  "fit__total",
  "engagement__total",
  "score",
  CASE WHEN "score" >= 6001 THEN 'hot' WHEN "score" >= 3000 THEN 'warm' ELSE 'cold' END AS "band",
  CASE
    WHEN "fit__total" >= 4000
    THEN 'A'
    WHEN "fit__total" >= 2000
    THEN 'B'
    ELSE 'C'
  END || CASE
    WHEN "engagement__total" >= 2000
    THEN '1'
    WHEN "engagement__total" >= 500
    THEN '2'
    ELSE '3'
  END AS "grade",
  TRIM(
    CASE WHEN "_size_state" = -1 THEN 'size ' ELSE '' END || CASE WHEN "_country_state" = -1 THEN 'country ' ELSE '' END || CASE WHEN "_role_state" = -1 THEN 'role ' ELSE '' END || CASE WHEN "_work_email_state" = -1 THEN 'work_email ' ELSE '' END || CASE WHEN "_deal_state" = -1 THEN 'deal ' ELSE '' END || CASE WHEN "_consent_state" = -1 THEN 'consent ' ELSE '' END || CASE WHEN "_new_account_state" = -1 THEN 'new_account ' ELSE '' END || CASE WHEN "_renewal_state" = -1 THEN 'renewal ' ELSE '' END || CASE WHEN "_press_state" = -1 THEN 'press ' ELSE '' END || CASE WHEN "_unreachable_state" = -1 THEN 'unreachable ' ELSE '' END || CASE WHEN "_no_consent_state" = -1 THEN 'no_consent ' ELSE '' END || CASE WHEN "_talks_state" = -1 THEN 'talks ' ELSE '' END || CASE WHEN "_regular_state" = -1 THEN 'regular ' ELSE '' END || CASE WHEN "_reader_state" = -1 THEN 'reader ' ELSE '' END || CASE WHEN "_wants_pro_state" = -1 THEN 'wants_pro ' ELSE '' END || CASE WHEN "_known_long_state" = -1 THEN 'known_long ' ELSE '' END || CASE WHEN "_quiet_state" = -1 THEN 'quiet ' ELSE '' END || CASE WHEN "_strategic_state" = -1 THEN 'strategic ' ELSE '' END
  ) AS "unknown"
FROM "scored"
