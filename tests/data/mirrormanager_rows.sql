-- A small network with every oddity that an import has to decide about.

INSERT INTO country (id, code) VALUES (1, 'DE'), (2, 'GB'), (3, 'ZZ'), (4, 'FR');
INSERT INTO country_continent_redirect (country, continent) VALUES ('IL', 'EU'), ('A1', 'EU'), ('AM', 'XX');
INSERT INTO embargoed_country (country_code) VALUES ('KP'), ('Q9');
INSERT INTO netblock_country (netblock, country) VALUES ('192.0.2.0/24', 'DE'), ('nonsense', 'DE'), ('198.51.100.0/24', 'EU');

INSERT INTO site (id, name, password, org_url, private, created_at, created_by, all_sites_can_pull_from_me, downstream_comments, user_active)
VALUES (1, 'Example University', 'sesame', 'www.example.edu', false, '2012-05-06 07:08:09', 'ben', true, 'Be kind.', true),
       (2, 'example university', NULL, 'https://other.example', false, '2013-01-01', 'ghost', false, NULL, true),
       (3, '  ', 'secret', 'not a page', true, '2014-01-01', 'cara', false, NULL, false);
INSERT INTO site_admin (username, site_id)
VALUES ('ben', 1), ('ben', 1), ('cara', 2), (NULL, 2), (repeat('x', 151), 3), ('new admin', 3);
INSERT INTO site_to_site (upstream_site_id, downstream_site_id, username) VALUES (1, 2, 'dead');

INSERT INTO host (id, name, site_id, country, robot_email, bandwidth_int, comment, private, asn, asn_clients, last_checked_in, disable_reason, user_active, admin_active, latitude, longitude, config)
VALUES (1, 'mirror.example.edu', 1, 'de', 'robot@example.edu', 20000000, 'hello', false, 64500, true, NULL, NULL, true, true, 50.5, 8, '\x80049501'),
       (2, 'private.example.edu', 1, 'UK', 'no address', NULL, NULL, true, 0, false, '2026-11-18 10:00:00', NULL, true, true, 95, 8, NULL),
       (3, 'MIRROR.example.edu', 1, 'FR', NULL, 0, NULL, false, -5, true, NULL, 'Moving house.', false, true, NULL, NULL, NULL),
       (4, 'nowhere.example', 2, 'EU', NULL, 100, NULL, false, NULL, true, NULL, NULL, true, true, NULL, NULL, NULL),
       (5, 'orphan.example', NULL, 'DE', NULL, 100, NULL, false, NULL, true, NULL, NULL, true, true, NULL, NULL, NULL),
       (6, 'failing.example', 2, 'DE', NULL, 100, NULL, false, NULL, true, NULL,
        'Host has been disabled (user_active) after 4 consecutive crawl failures', false, true, NULL, NULL, NULL),
       (7, 'off.example', 3, 'DE', NULL, 100, NULL, false, NULL, true, NULL, NULL, true, false, NULL, NULL, NULL);
INSERT INTO host_acl_ip (ip, host_id) VALUES ('192.0.2.7', 1), ('mirror.example.edu', 1), ('2001:DB8::1', 2), ('bogus', 2), ('192.0.2.9', 5);
INSERT INTO host_netblock (netblock, name, host_id)
VALUES ('193.0.2.5/255.255.255.0', 'campus', 1), ('193.0.2.0/24', 'again', 1), ('10.0.0.0/8', NULL, 2),
       ('host.example.edu', 'a name', 1), ('rubbish/99', NULL, 1), (NULL, 'nothing', 1), ('193.0.9.0/24', NULL, NULL);
INSERT INTO host_peer_asn (asn, name, host_id) VALUES (64501, 'peer', 1), (0, 'zero', 1), (64502, NULL, 4);
INSERT INTO host_country_allowed (country, host_id) VALUES ('de', 1), ('ZZ', 1), ('FR', 4);
INSERT INTO host_country (host_id, country_id) VALUES (1, 1), (1, 4), (2, 2), (2, 3), (5, 1), (2, NULL);

INSERT INTO product (id, name, publiclist) VALUES (1, 'Fedora', true), (2, 'EPEL', false);
INSERT INTO version (id, name, product_id, is_test, display, display_name)
VALUES (1, '42', 1, false, true, NULL), (2, NULL, 1, false, true, NULL), (3, 'development', 1, true, false, 'Rawhide'), (4, '9', NULL, false, true, NULL);
INSERT INTO arch (id, name, publiclist, primary_arch) VALUES (1, 'x86_64', true, true), (2, 'loong64', false, false);

INSERT INTO directory (id, name, files, readable, ctime)
VALUES (1, 'pub/fedora/linux', '[]', true, 1700000000),
       (2, 'pub/fedora/linux/releases/42', '[{"name": "b", "size": 2, "timestamp": 1700000002}, {"name": "a", "size": 1, "timestamp": 1700000001}]', true, 1700000000),
       (3, 'pub/fedora/linux/releases/42/x86_64', '\x80049525000000', true, 1700000100),
       (4, 'pub/fedora/linux/secret', '{"name": 1}', false, NULL),
       (5, 'pub/fedora/linux/extras', NULL, true, 0),
       (6, 'pub', NULL, true, 0),
       (7, 'pub/fedora/linux/../etc', NULL, true, 0),
       (8, '/pub/fedora/linux/extras/', NULL, true, 0),
       (9, 'pub/fedora/linux/extras/9', NULL, true, 0),
       (10, 'pub/fedora/linux/updates', '[{"name": "x/y", "size": 1, "timestamp": 1}]', true, 0);
INSERT INTO category (id, name, admin_only, product_id, topdir_id)
VALUES (1, 'Fedora Linux', NULL, 1, 1), (2, 'Fedora Extras', true, NULL, 5), (3, 'No top', false, 1, NULL), (4, 'Twin', false, 1, 1);
INSERT INTO category_directory (category_id, directory_id)
VALUES (1, 1), (1, 2), (1, 3), (1, 9), (2, 9), (2, 5), (3, 2);
INSERT INTO directory_exclusive_host (directory_id, host_id) VALUES (2, 1);
INSERT INTO file_detail (directory_id, filename, "timestamp", size, sha256, sha512, md5)
VALUES (2, 'repomd.xml', 1700000000, 10, repeat('A', 64), NULL, 'short'),
       (2, 'repomd.xml', 1700000000, 10, repeat('a', 64), NULL, NULL),
       (2, 'repomd.xml', 1700009999, 11, repeat('b', 64), repeat('c', 128), NULL),
       (5, 'an.iso', NULL, NULL, NULL, NULL, NULL),
       (5, 'a/b', 1, 1, NULL, NULL, NULL),
       (6, 'outside', 1, 1, NULL, NULL, NULL);
INSERT INTO repository (id, name, prefix, category_id, version_id, arch_id, directory_id, disabled)
VALUES (1, 'pub/fedora/linux/releases/42/x86_64', NULL, 1, 1, 1, 3, false),
       (2, 'again', 'fedora-42', 1, 1, 1, 3, false),
       (3, 'pub/fedora/linux/extras/9', 'extras-9', 2, 4, 2, 9, true),
       (4, 'lost', 'lost', 1, NULL, 1, NULL, false),
       (5, 'pub/fedora/linux/updates', NULL, 1, 2, NULL, 10, false),
       (6, 'far', 'far', 1, NULL, 1, 6, false);
INSERT INTO repository_redirect (from_repo, to_repo) VALUES ('rawhide', 'fedora-42'), ('nowhere', NULL);

INSERT INTO host_category (id, host_id, category_id, always_up2date)
VALUES (1, 1, 1, false), (2, 2, 1, false), (3, 1, 2, true), (4, 5, 1, false), (5, 1, 3, false), (6, 3, 1, false);
INSERT INTO host_category_url (host_category_id, url, private)
VALUES (1, 'https://mirror.example.edu/fedora/', false), (1, 'HTTPS://mirror.example.edu/fedora', false),
       (1, 'rsync://mirror.example.edu/fedora', true), (2, 'rsync://user:pass@private.example.edu/x', false),
       (3, 'https://mirror.example.edu/extras', false), (4, 'https://orphan.example/', false), (6, 'not a url', false);
INSERT INTO host_category_dir (host_category_id, path, up2date, directory_id)
VALUES (1, '/releases/42', true, 2), (1, 'releases/42', false, 2),          -- both ways of writing the path
       (1, '', true, 1), (1, '/extras/9', true, 9), (1, '/gone', true, NULL),  -- 9 belongs to Fedora Extras
       (2, 'releases/42', true, NULL), (2, '/secret', true, NULL), (2, 'updates', false, 10), (2, '../x', true, NULL),
       (3, '/9', true, 9), (4, '', true, 1), (NULL, 'nobody', true, 1), (6, NULL, true, NULL);
