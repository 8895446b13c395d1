-- The tables of a MirrorManager 2 database, written from the specification of its data model.
-- Columns that nothing reads are here too, since a real database has them.

CREATE TABLE country (id serial PRIMARY KEY, code text NOT NULL UNIQUE);
CREATE TABLE country_continent_redirect (
    id serial PRIMARY KEY, country text NOT NULL UNIQUE, continent text NOT NULL
);
CREATE TABLE embargoed_country (id serial PRIMARY KEY, country_code text NOT NULL UNIQUE);
CREATE TABLE netblock_country (
    id serial PRIMARY KEY, netblock text NOT NULL UNIQUE, country text NOT NULL
);
CREATE TABLE location (id serial PRIMARY KEY, name text NOT NULL UNIQUE);

CREATE TABLE site (
    id serial PRIMARY KEY,
    name text NOT NULL,
    password text,
    org_url text,
    private boolean NOT NULL DEFAULT false,
    admin_active boolean NOT NULL DEFAULT true,
    user_active boolean NOT NULL DEFAULT true,
    created_at timestamp NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    all_sites_can_pull_from_me boolean NOT NULL DEFAULT false,
    downstream_comments text,
    email_on_drop boolean NOT NULL DEFAULT false,
    email_on_add boolean NOT NULL DEFAULT false
);
CREATE INDEX ix_site_name ON site (name);
CREATE TABLE site_admin (
    id serial PRIMARY KEY, username text, site_id integer NOT NULL REFERENCES site (id)
);
CREATE TABLE site_to_site (
    id serial PRIMARY KEY,
    upstream_site_id integer NOT NULL REFERENCES site (id),
    downstream_site_id integer NOT NULL REFERENCES site (id),
    username text,
    password text,
    UNIQUE (upstream_site_id, downstream_site_id),
    UNIQUE (upstream_site_id, username)
);

CREATE TABLE host (
    id serial PRIMARY KEY,
    name text NOT NULL,
    site_id integer REFERENCES site (id),
    robot_email text,
    admin_active boolean NOT NULL DEFAULT true,
    user_active boolean NOT NULL DEFAULT true,
    country text NOT NULL,
    bandwidth_int integer DEFAULT 100,
    comment text,
    config bytea,
    last_checked_in timestamp,
    last_crawled timestamp,
    private boolean NOT NULL DEFAULT false,
    internet2 boolean NOT NULL DEFAULT false,
    internet2_clients boolean NOT NULL DEFAULT false,
    asn integer,
    asn_clients boolean NOT NULL DEFAULT true,
    max_connections integer NOT NULL DEFAULT 1,
    last_crawl_duration bigint DEFAULT 0,
    crawl_failures integer DEFAULT 0,
    disable_reason text,
    push_ssh_private_key text,
    push_ssh_host text,
    push_ssh_command text,
    last_crawls bytea,
    latitude double precision,
    longitude double precision,
    CONSTRAINT host_idx UNIQUE (site_id, name)
);
CREATE TABLE host_acl_ip (
    id serial PRIMARY KEY, ip text UNIQUE, host_id integer REFERENCES host (id)
);
CREATE TABLE host_netblock (
    id serial PRIMARY KEY, netblock text, name text, host_id integer REFERENCES host (id)
);
CREATE TABLE host_peer_asn (
    id serial PRIMARY KEY,
    asn integer NOT NULL,
    name text,
    host_id integer REFERENCES host (id),
    UNIQUE (host_id, asn)
);
CREATE TABLE host_country (
    id serial PRIMARY KEY,
    host_id integer REFERENCES host (id),
    country_id integer REFERENCES country (id),
    UNIQUE (host_id, country_id)
);
CREATE TABLE host_country_allowed (
    id serial PRIMARY KEY, country text NOT NULL UNIQUE, host_id integer REFERENCES host (id)
);
CREATE TABLE host_location (
    id serial PRIMARY KEY,
    host_id integer REFERENCES host (id),
    location_id integer REFERENCES location (id)
);
CREATE TABLE host_stats (
    id serial PRIMARY KEY,
    host_id integer REFERENCES host (id),
    "timestamp" timestamp,
    type text,
    data bytea
);

CREATE TABLE product (
    id serial PRIMARY KEY, name text NOT NULL UNIQUE, publiclist boolean NOT NULL DEFAULT true
);
CREATE TABLE version (
    id serial PRIMARY KEY,
    name text,
    product_id integer REFERENCES product (id),
    is_test boolean NOT NULL DEFAULT false,
    display boolean NOT NULL DEFAULT true,
    display_name text,
    ordered_mirrorlist boolean NOT NULL DEFAULT true,
    sortorder integer NOT NULL DEFAULT 0,
    codename text,
    UNIQUE (name, product_id)
);
CREATE TABLE arch (
    id serial PRIMARY KEY,
    name text NOT NULL UNIQUE,
    publiclist boolean NOT NULL DEFAULT true,
    primary_arch boolean NOT NULL DEFAULT true
);
CREATE TABLE directory (
    id serial PRIMARY KEY,
    name text NOT NULL UNIQUE,
    files bytea,
    readable boolean NOT NULL DEFAULT true,
    ctime bigint DEFAULT 0
);
CREATE TABLE category (
    id serial PRIMARY KEY,
    name text NOT NULL UNIQUE,
    canonicalhost text,
    publiclist boolean NOT NULL DEFAULT true,
    geo_dns_domain text,
    admin_only boolean DEFAULT false,
    product_id integer REFERENCES product (id),
    topdir_id integer REFERENCES directory (id)
);
CREATE TABLE category_directory (
    category_id integer NOT NULL REFERENCES category (id),
    directory_id integer NOT NULL REFERENCES directory (id),
    PRIMARY KEY (category_id, directory_id)
);
CREATE TABLE directory_exclusive_host (
    id serial PRIMARY KEY,
    directory_id integer NOT NULL REFERENCES directory (id),
    host_id integer NOT NULL REFERENCES host (id),
    UNIQUE (directory_id, host_id)
);
CREATE TABLE file_detail (
    id serial PRIMARY KEY,
    directory_id integer NOT NULL REFERENCES directory (id),
    filename text NOT NULL,
    "timestamp" bigint,
    size bigint,
    sha1 text,
    md5 text,
    sha256 text,
    sha512 text
);
CREATE TABLE repository (
    id serial PRIMARY KEY,
    name text NOT NULL UNIQUE,
    prefix text,
    category_id integer REFERENCES category (id),
    version_id integer REFERENCES version (id),
    arch_id integer REFERENCES arch (id),
    directory_id integer REFERENCES directory (id),
    disabled boolean NOT NULL DEFAULT false,
    UNIQUE (prefix, arch_id)
);
CREATE TABLE repository_redirect (
    id serial PRIMARY KEY, from_repo text NOT NULL UNIQUE, to_repo text
);

CREATE TABLE host_category (
    id serial PRIMARY KEY,
    host_id integer REFERENCES host (id),
    category_id integer REFERENCES category (id) ON DELETE CASCADE,
    always_up2date boolean NOT NULL DEFAULT false,
    UNIQUE (host_id, category_id)
);
CREATE TABLE host_category_url (
    id serial PRIMARY KEY,
    host_category_id integer REFERENCES host_category (id) ON DELETE CASCADE,
    url text NOT NULL UNIQUE,
    private boolean NOT NULL DEFAULT false,
    UNIQUE (host_category_id, url)
);
CREATE TABLE host_category_dir (
    id serial PRIMARY KEY,
    host_category_id integer REFERENCES host_category (id) ON DELETE CASCADE,
    path text,
    up2date boolean NOT NULL DEFAULT true,
    directory_id integer REFERENCES directory (id) ON DELETE CASCADE,
    UNIQUE (host_category_id, path)
);
CREATE INDEX ix_host_category_dir_up2date ON host_category_dir (up2date);
