-- A warehouse of the first release, frozen: upgrades start here. Never edit it.
-- Made by `pg_dump --no-owner --no-privileges --no-comments --inserts --rows-per-insert=100` from the database that the
-- fixture `built` gives, without analytics.schema_version.
CREATE SCHEMA analytics;
CREATE SCHEMA raw;
CREATE TABLE analytics.charge_statuses (
    status character varying(30),
    description text
);
CREATE TABLE analytics.charges (
    id character varying(24) NOT NULL,
    company_id character varying(24) NOT NULL,
    amount numeric(16,2) NOT NULL,
    status character varying(30) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone,
    source_id text NOT NULL,
    load_id bigint NOT NULL,
    row_number bigint NOT NULL,
    CONSTRAINT charges_amount_check CHECK ((amount >= (0)::numeric))
);
CREATE TABLE analytics.companies (
    company_id character varying(24) NOT NULL,
    company_name character varying(130) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    source_id text NOT NULL,
    CONSTRAINT companies_company_name_check CHECK (((company_name)::text <> ''::text))
);
CREATE VIEW analytics.daily_transaction_summary AS
 WITH charges AS (
         SELECT charges.id,
            charges.company_id,
            charges.amount,
            charges.status,
            charges.created_at,
            charges.updated_at,
            charges.source_id,
            charges.load_id,
            charges.row_number
           FROM analytics.charges
        ), companies AS (
         SELECT companies.company_id,
            companies.company_name,
            companies.created_at,
            companies.updated_at,
            companies.source_id
           FROM analytics.companies
        ), final AS (
         SELECT (charges.created_at)::date AS transaction_date,
            companies.company_name,
            companies.company_id,
            (sum(charges.amount))::numeric(38,2) AS total_amount,
            count(*) AS transaction_count
           FROM (charges
             JOIN companies ON (((charges.company_id)::text = (companies.company_id)::text)))
          WHERE ((charges.status)::text = ANY ((ARRAY['paid'::character varying, 'refunded'::character varying])::text[]))
          GROUP BY ((charges.created_at)::date), companies.company_id, companies.company_name
        )
 SELECT transaction_date,
    company_name,
    company_id,
    total_amount,
    transaction_count
   FROM final
  ORDER BY transaction_date DESC, total_amount DESC, company_id;
CREATE TABLE analytics.int_companies (
    source_company_id text,
    company_id character varying(24),
    company_name character varying(130),
    has_unique_name boolean,
    first_arrived_at timestamp without time zone,
    last_arrived_at timestamp without time zone
);
CREATE TABLE analytics.int_company_names (
    load_id bigint,
    source_company_id text,
    company_name character varying(130),
    row_count bigint
);
CREATE TABLE analytics.stg_transactions (
    load_id bigint,
    row_number bigint,
    source_id text,
    charge_id character varying(24),
    source_company_id text,
    company_name character varying(130),
    amount numeric(16,2),
    status character varying(30),
    created_at timestamp without time zone,
    paid_at timestamp without time zone,
    reasons text,
    is_settled boolean,
    raw_id text,
    raw_name text,
    raw_company_id text,
    raw_amount text,
    raw_status text,
    raw_created_at text,
    raw_paid_at text
);
CREATE VIEW analytics.int_resolved_transactions AS
 WITH transactions AS (
         SELECT stg_transactions.load_id,
            stg_transactions.row_number,
            stg_transactions.source_id,
            stg_transactions.charge_id,
            stg_transactions.source_company_id,
            stg_transactions.company_name,
            stg_transactions.amount,
            stg_transactions.status,
            stg_transactions.created_at,
            stg_transactions.paid_at,
            stg_transactions.reasons,
            stg_transactions.is_settled,
            stg_transactions.raw_id,
            stg_transactions.raw_name,
            stg_transactions.raw_company_id,
            stg_transactions.raw_amount,
            stg_transactions.raw_status,
            stg_transactions.raw_created_at,
            stg_transactions.raw_paid_at
           FROM analytics.stg_transactions
        ), companies AS (
         SELECT int_companies.source_company_id,
            int_companies.company_id,
            int_companies.company_name,
            int_companies.has_unique_name,
            int_companies.first_arrived_at,
            int_companies.last_arrived_at
           FROM analytics.int_companies
        ), uniquely_named_companies AS (
         SELECT int_companies.source_company_id,
            int_companies.company_id,
            int_companies.company_name,
            int_companies.has_unique_name,
            int_companies.first_arrived_at,
            int_companies.last_arrived_at
           FROM analytics.int_companies
          WHERE int_companies.has_unique_name
        ), with_company AS (
         SELECT transactions.load_id,
            transactions.row_number,
            transactions.source_id,
            transactions.charge_id,
            transactions.source_company_id,
            transactions.company_name,
            transactions.amount,
            transactions.status,
            transactions.created_at,
            transactions.paid_at,
            transactions.reasons,
            transactions.is_settled,
            transactions.raw_id,
            transactions.raw_name,
            transactions.raw_company_id,
            transactions.raw_amount,
            transactions.raw_status,
            transactions.raw_created_at,
            transactions.raw_paid_at,
            COALESCE(companies.company_id, uniquely_named_companies.company_id) AS company_id
           FROM ((transactions
             LEFT JOIN companies ON ((transactions.source_company_id = companies.source_company_id)))
             LEFT JOIN uniquely_named_companies ON (((transactions.source_company_id IS NULL) AND ((transactions.company_name)::text = (uniquely_named_companies.company_name)::text))))
        ), resolved AS (
         SELECT with_company.load_id,
            with_company.row_number,
            with_company.source_id,
            with_company.charge_id,
            with_company.company_id,
            with_company.amount,
            with_company.status,
            with_company.created_at,
            with_company.paid_at,
                CASE
                    WHEN ((with_company.company_id IS NULL) AND (NOT with_company.is_settled)) THEN concat_ws(','::text, with_company.reasons, 'unresolved_company')
                    ELSE with_company.reasons
                END AS reasons,
            with_company.is_settled,
            with_company.raw_id,
            with_company.raw_name,
            with_company.raw_company_id,
            with_company.raw_amount,
            with_company.raw_status,
            with_company.raw_created_at,
            with_company.raw_paid_at
           FROM with_company
        )
 SELECT load_id,
    row_number,
    source_id,
    charge_id,
    company_id,
    amount,
    status,
    created_at,
    paid_at,
    reasons,
    is_settled,
    raw_id,
    raw_name,
    raw_company_id,
    raw_amount,
    raw_status,
    raw_created_at,
    raw_paid_at
   FROM resolved;
CREATE TABLE analytics.rejected_transactions (
    load_id bigint NOT NULL,
    row_number bigint NOT NULL,
    source_name text NOT NULL,
    reasons text NOT NULL,
    id text,
    name text,
    company_id text,
    amount text,
    status text,
    created_at text,
    paid_at text,
    record text
);
CREATE TABLE analytics.stg_loads (
    load_id bigint,
    source_name text,
    rows_read bigint,
    rows_loaded bigint,
    rows_rejected bigint,
    arrived_at timestamp without time zone,
    is_verified boolean
);
CREATE TABLE raw.rejected_rows (
    load_id bigint NOT NULL,
    row_number bigint NOT NULL,
    reason text NOT NULL,
    record bytea NOT NULL
);
CREATE VIEW analytics.stg_rejected_rows AS
 WITH source AS (
         SELECT rejected_rows.load_id,
            rejected_rows.row_number,
            rejected_rows.reason,
            rejected_rows.record
           FROM raw.rejected_rows
        ), loads AS (
         SELECT stg_loads.load_id,
            stg_loads.source_name,
            stg_loads.rows_read,
            stg_loads.rows_loaded,
            stg_loads.rows_rejected,
            stg_loads.arrived_at,
            stg_loads.is_verified
           FROM analytics.stg_loads
        ), renamed AS (
         SELECT source.load_id,
            source.row_number,
            source.reason AS reasons,
            encode(source.record, 'escape'::text) AS record
           FROM (source
             JOIN loads ON ((source.load_id = loads.load_id)))
        )
 SELECT load_id,
    row_number,
    reasons,
    record
   FROM renamed;
CREATE VIEW analytics.superseded_transactions AS
 WITH transactions AS (
         SELECT stg_transactions.load_id,
            stg_transactions.row_number,
            stg_transactions.source_id,
            stg_transactions.charge_id,
            stg_transactions.source_company_id,
            stg_transactions.company_name,
            stg_transactions.amount,
            stg_transactions.status,
            stg_transactions.created_at,
            stg_transactions.paid_at,
            stg_transactions.reasons,
            stg_transactions.is_settled,
            stg_transactions.raw_id,
            stg_transactions.raw_name,
            stg_transactions.raw_company_id,
            stg_transactions.raw_amount,
            stg_transactions.raw_status,
            stg_transactions.raw_created_at,
            stg_transactions.raw_paid_at
           FROM analytics.stg_transactions
        ), charges AS (
         SELECT charges.id,
            charges.company_id,
            charges.amount,
            charges.status,
            charges.created_at,
            charges.updated_at,
            charges.source_id,
            charges.load_id,
            charges.row_number
           FROM analytics.charges
        ), rejected_transactions AS (
         SELECT rejected_transactions.load_id,
            rejected_transactions.row_number,
            rejected_transactions.source_name,
            rejected_transactions.reasons,
            rejected_transactions.id,
            rejected_transactions.name,
            rejected_transactions.company_id,
            rejected_transactions.amount,
            rejected_transactions.status,
            rejected_transactions.created_at,
            rejected_transactions.paid_at,
            rejected_transactions.record
           FROM analytics.rejected_transactions
        ), final AS (
         SELECT transactions.load_id,
            transactions.row_number,
            charges.id AS charge_id,
            charges.load_id AS superseding_load_id,
            charges.row_number AS superseding_row_number,
            transactions.amount,
            transactions.status,
            transactions.created_at,
            transactions.paid_at AS updated_at
           FROM ((transactions
             JOIN charges ON (((transactions.charge_id)::text = (charges.id)::text)))
             LEFT JOIN rejected_transactions ON (((transactions.load_id = rejected_transactions.load_id) AND (transactions.row_number = rejected_transactions.row_number))))
          WHERE ((rejected_transactions.load_id IS NULL) AND (ROW(charges.load_id, charges.row_number) > ROW(transactions.load_id, transactions.row_number)))
        )
 SELECT load_id,
    row_number,
    charge_id,
    superseding_load_id,
    superseding_row_number,
    amount,
    status,
    created_at,
    updated_at
   FROM final;
CREATE TABLE raw.loads (
    load_id bigint NOT NULL,
    source_name text NOT NULL,
    sha256 text NOT NULL,
    bytes bigint NOT NULL,
    encoding text NOT NULL,
    line_terminator text NOT NULL,
    has_header boolean NOT NULL,
    rows_read bigint NOT NULL,
    rows_loaded bigint NOT NULL,
    rows_rejected bigint NOT NULL,
    blank_records bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    CONSTRAINT loads_blank_records_check CHECK ((blank_records >= 0)),
    CONSTRAINT loads_bytes_check CHECK ((bytes >= 0)),
    CONSTRAINT loads_check CHECK ((rows_read = (rows_loaded + rows_rejected))),
    CONSTRAINT loads_rows_loaded_check CHECK ((rows_loaded >= 0)),
    CONSTRAINT loads_rows_rejected_check CHECK ((rows_rejected >= 0)),
    CONSTRAINT loads_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);
ALTER TABLE raw.loads ALTER COLUMN load_id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME raw.loads_load_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE raw.raw_transactions (
    id text,
    name text,
    company_id text,
    amount text,
    status text,
    created_at text,
    paid_at text,
    _load_id bigint NOT NULL,
    _row_number bigint NOT NULL
);
ALTER TABLE raw.raw_transactions ALTER COLUMN _row_number ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME raw.raw_transactions__row_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1000
);
INSERT INTO analytics.charge_statuses VALUES
	('paid', 'The customer paid'),
	('voided', 'Cancelled before it was paid'),
	('pending_payment', 'Waiting for the customer to pay'),
	('refunded', 'Paid and given back in full'),
	('charged_back', 'Paid and taken back through the customer''s bank'),
	('pre_authorized', 'The amount is reserved but not taken'),
	('expired', 'Not paid in time'),
	('partially_refunded', 'Paid and given back in part');
INSERT INTO analytics.charges VALUES
	('c1', 'aaaaaaaaaaaaaaaaaaaaaaaa', 3.00, 'voided', '2019-03-19 00:00:00', NULL, 'c1', 1, 1),
	('c2', 'aaaaaaaaaaaaaaaaaaaaaaaa', 100.00, 'refunded', '2019-02-27 00:00:00', '2019-03-01 00:00:00', 'c2', 2, 1),
	('c3', 'aaaaaaaaaaaaaaaaaaaaaaaa', 82.18, 'paid', '2019-02-27 00:00:00', '2019-02-28 10:00:00', 'c3', 1, 3),
	('c4', 'aaaaaaaaaaaaaaaaaaaaaaaa', 7.50, 'refunded', '2019-02-28 00:30:00', NULL, 'c4', 1, 4),
	('c5', 'berta', 1.00, 'paid', '2019-02-27 00:00:00', NULL, 'c5', 1, 5),
	('c6', 'berta', 2.00, 'paid', '2019-02-27 00:00:00', NULL, 'c6', 1, 6),
	('c8', 'berta', 9.50, 'paid', '2019-02-28 00:00:00', NULL, 'c8', 2, 4),
	('c9', 'only-here', 3.00, 'paid', '2019-03-21 00:00:00', NULL, 'c9', 2, 5);
INSERT INTO analytics.companies VALUES
	('aaaaaaaaaaaaaaaaaaaaaaaa', 'Acme', '2024-01-01 00:00:00', '2024-01-02 00:00:00', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'),
	('berta', 'Berta', '2024-01-01 00:00:00', '2024-01-02 00:00:00', 'berta'),
	('only-here', 'Only here', '2024-01-02 00:00:00', '2024-01-02 00:00:00', 'only-here');
INSERT INTO analytics.int_companies VALUES
	('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'aaaaaaaaaaaaaaaaaaaaaaaa', 'Acme', true, '2024-01-01 00:00:00', '2024-01-02 00:00:00'),
	('berta', 'berta', 'Berta', true, '2024-01-01 00:00:00', '2024-01-02 00:00:00'),
	('only-here', 'only-here', 'Only here', true, '2024-01-02 00:00:00', '2024-01-02 00:00:00');
INSERT INTO analytics.int_company_names VALUES
	(1, NULL, 'Acme', 1),
	(1, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'Acme', 3),
	(2, 'berta', 'Berta', 3),
	(1, 'berta', 'Berta', 3),
	(2, 'only-here', 'Only here', 1),
	(1, 'berta', 'Be0xFFFF', 1),
	(1, NULL, 'Nobody', 1),
	(2, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'Acme', 1);
INSERT INTO analytics.rejected_transactions VALUES
	(1, 9, 'test.csv', 'missing_id', '', 'Berta', 'berta', '1', 'paid', '2019-02-27', ' ', NULL),
	(1, 7, 'test.csv', 'missing_id,invalid_amount,unknown_status,invalid_created_at,invalid_paid_at', NULL, 'Berta', 'berta', '3.0e213231213123', 'p&0x3fid', 'now', 'soon', NULL),
	(1, 8, 'test.csv', 'unresolved_company', 'c7', 'Nobody', NULL, '1', 'paid', '2019-02-27', NULL, NULL),
	(1, 10, 'test.csv', 'wrong_field_count', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'a,b\377'),
	(2, 2, 'test.csv', 'invalid_amount', 'c5', 'Berta', 'berta', '-1', 'paid', '2019-02-27', NULL, NULL);
INSERT INTO analytics.stg_loads VALUES
	(1, 'test.csv', 10, 9, 1, '2024-01-01 00:00:00', false),
	(2, 'test.csv', 5, 5, 0, '2024-01-02 00:00:00', false);
INSERT INTO analytics.stg_transactions VALUES
	(1, 9, NULL, NULL, 'berta', 'Berta', 1.00, 'paid', '2019-02-27 00:00:00', NULL, 'missing_id', false, '', 'Berta', 'berta', '1', 'paid', '2019-02-27', ' '),
	(1, 8, 'c7', 'c7', NULL, 'Nobody', 1.00, 'paid', '2019-02-27 00:00:00', NULL, NULL, false, 'c7', 'Nobody', NULL, '1', 'paid', '2019-02-27', NULL),
	(1, 7, NULL, NULL, 'berta', 'Berta', NULL, NULL, NULL, NULL, 'missing_id,invalid_amount,unknown_status,invalid_created_at,invalid_paid_at', false, NULL, 'Berta', 'berta', '3.0e213231213123', 'p&0x3fid', 'now', 'soon'),
	(1, 6, 'c6', 'c6', 'berta', 'Be0xFFFF', 2.00, 'paid', '2019-02-27 00:00:00', NULL, NULL, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(1, 5, 'c5', 'c5', 'berta', 'Berta', 1.00, 'paid', '2019-02-27 00:00:00', NULL, NULL, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(1, 4, 'c4', 'c4', NULL, 'Acme', 7.50, 'refunded', '2019-02-28 00:30:00', NULL, NULL, false, 'c4', 'Acme', '*******', '7.5', 'refunded', '2019-02-27T23:30:00-01:00', NULL),
	(1, 3, 'c3', 'c3', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'Acme', 82.18, 'paid', '2019-02-27 00:00:00', '2019-02-28 10:00:00', NULL, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(1, 2, 'c2', 'c2', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'Acme', 102.61, 'paid', '2019-02-27 00:00:00', '2019-02-27 00:00:00', NULL, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(1, 1, 'c1', 'c1', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'Acme', 3.00, 'voided', '2019-03-19 00:00:00', NULL, NULL, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(2, 5, 'c9', 'c9', 'only-here', 'Only here', 3.00, 'paid', '2019-03-21 00:00:00', NULL, NULL, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(2, 4, 'c8', 'c8', 'berta', 'Berta', 9.50, 'paid', '2019-02-28 00:00:00', NULL, NULL, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(2, 3, 'c8', 'c8', 'berta', 'Berta', 9.00, 'expired', '2019-02-28 00:00:00', NULL, NULL, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(2, 2, 'c5', 'c5', 'berta', 'Berta', NULL, 'paid', '2019-02-27 00:00:00', NULL, 'invalid_amount', false, 'c5', 'Berta', 'berta', '-1', 'paid', '2019-02-27', NULL),
	(2, 1, 'c2', 'c2', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'Acme', 100.00, 'refunded', '2019-02-27 00:00:00', '2019-03-01 00:00:00', NULL, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO raw.loads VALUES
	(1, 'test.csv', 'fabbcb2ca2e908aa9c05ec59b7bb2fc01634f259b09577b97542176854ecb46d', 0, 'utf-8', '', true, 10, 9, 1, 0, '2024-01-01 00:00:00+00', '2024-01-01 00:00:00+00'),
	(2, 'test.csv', '3b3035ef22bf3bc6a840a9049d2dc3f20f4e2994f58d283a364e377584e47ddf', 0, 'utf-8', '', true, 5, 5, 0, 0, '2024-01-02 00:00:00+00', '2024-01-02 00:00:00+00');
INSERT INTO raw.raw_transactions VALUES
	('c1', 'Acme', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '3.0', 'voided', '2019-03-19', NULL, 1, 1),
	('c2', 'Acme', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '102.61', 'paid', '2019-02-27', '2019-02-27', 1, 2),
	('c3', 'Acme', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '82.179999999999', 'Paid', '20190227', '2019-02-28T10:00:00Z', 1, 3),
	('c4', 'Acme', '*******', '7.5', 'refunded', '2019-02-27T23:30:00-01:00', NULL, 1, 4),
	('c5', 'Berta', 'berta', '1.00', 'paid', '2019-02-27', NULL, 1, 5),
	('c6', 'Be0xFFFF', 'berta', '2.00', 'paid', '2019-02-27', NULL, 1, 6),
	(NULL, 'Berta', 'berta', '3.0e213231213123', 'p&0x3fid', 'now', 'soon', 1, 7),
	('c7', 'Nobody', NULL, '1', 'paid', '2019-02-27', NULL, 1, 8),
	('', 'Berta', 'berta', '1', 'paid', '2019-02-27', ' ', 1, 9),
	('c2', 'Acme', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '100', 'refunded', '2019-02-27', '2019-03-01', 2, 1),
	('c5', 'Berta', 'berta', '-1', 'paid', '2019-02-27', NULL, 2, 2),
	('c8', 'Berta', 'berta', '9', 'expired', '2019-02-28', NULL, 2, 3),
	('c8', 'Berta', 'berta', '9.5', 'paid', '2019-02-28', NULL, 2, 4),
	('c9', 'Only here', 'only-here', '3', 'paid', '2019-03-21', NULL, 2, 5);
INSERT INTO raw.rejected_rows VALUES
	(1, 10, 'wrong_field_count', '\x612c62ff');
SELECT pg_catalog.setval('raw.loads_load_id_seq', 2, true);
SELECT pg_catalog.setval('raw.raw_transactions__row_number_seq', 1, false);
ALTER TABLE ONLY analytics.charges
    ADD CONSTRAINT charges_pkey PRIMARY KEY (id);
ALTER TABLE ONLY analytics.companies
    ADD CONSTRAINT companies_pkey PRIMARY KEY (company_id);
ALTER TABLE ONLY analytics.rejected_transactions
    ADD CONSTRAINT rejected_transactions_pkey PRIMARY KEY (load_id, row_number);
ALTER TABLE ONLY raw.loads
    ADD CONSTRAINT loads_pkey PRIMARY KEY (load_id);
ALTER TABLE ONLY raw.loads
    ADD CONSTRAINT loads_sha256_key UNIQUE (sha256);
ALTER TABLE ONLY raw.rejected_rows
    ADD CONSTRAINT rejected_rows_pkey PRIMARY KEY (load_id, row_number);
CREATE INDEX "2fb0ce052c1a408aff13e20016e9636e" ON analytics.charges USING btree (load_id);
CREATE INDEX "803ed8dc9410f3baada54811375b2ed9" ON analytics.stg_transactions USING btree (charge_id);
CREATE INDEX bbd967ef32303106bd5aca96a1e2a657 ON analytics.int_company_names USING btree (load_id);
CREATE INDEX cc5bc2880b5ea1715bf7c5b811974edd ON analytics.charges USING btree (company_id, ((created_at)::date));
CREATE UNIQUE INDEX e532adebbfb5703383c5a365d070e5ea ON analytics.stg_transactions USING btree (load_id, row_number);
CREATE INDEX fa927422e8346cb2ea1993fb98e6694f ON analytics.charges USING btree (((created_at)::date));
CREATE INDEX stg_transactions_charge_id_idx ON analytics.stg_transactions USING btree (charge_id) WHERE (NOT is_settled);
CREATE INDEX raw_transactions_load_id ON raw.raw_transactions USING brin (_load_id) WITH (pages_per_range='32', autosummarize='on');
ALTER TABLE ONLY analytics.charges
    ADD CONSTRAINT charges_company_id_fkey FOREIGN KEY (company_id) REFERENCES analytics.companies(company_id);
ALTER TABLE ONLY raw.rejected_rows
    ADD CONSTRAINT rejected_rows_load_id_fkey FOREIGN KEY (load_id) REFERENCES raw.loads(load_id) ON DELETE CASCADE;
