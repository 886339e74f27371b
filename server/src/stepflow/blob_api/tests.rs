use super::*;

const URL: &str = "http://blobs:7837/api/v1/blobs";

fn read(text: &str) -> Result<BlobApiConfig, String> {
    let variable = |name: &str| (name == "HOST").then(|| "blobs".into());
    BlobApiConfig::of(text, &variable).map_err(|fault| ConfigError::new(fault).to_string())
}

fn here(url: Option<&str>) -> BlobService {
    BlobService::Here { url: url.map(|url| url.parse().expect("a URL")) }
}

fn elsewhere() -> BlobService {
    BlobService::Elsewhere { url: URL.parse().expect("a URL") }
}

#[test]
fn reads_the_three_scenarios() {
    let check = |text: &str, service: BlobService, blob_threshold| {
        assert_eq!(read(text), Ok(BlobApiConfig { service, blob_threshold }), "{text}");
    };
    let default = DEFAULT_BLOB_THRESHOLD;
    check("", here(None), default);
    check("# nothing\n", here(None), default);
    check("plugins: {builtin: {type: builtin}}\n", here(None), default);
    check("blobApi: {}", here(None), default);
    check("blobApi: {enabled: true}", here(None), default);
    check("blobApi: {url: null, blobThreshold: ~}", here(None), default);
    check(&format!("blobApi: {{url: '{URL}'}}"), here(Some(URL)), default);
    check(&format!("blobApi:\n  enabled: true\n  url: {URL}\n  blobThreshold: 7"), here(Some(URL)), 7);
    check(&format!("blobApi:\n  enabled: false\n  url: {URL}\n  blobThreshold: 0"), elsewhere(), 0);
    check(&format!(r#"{{"blobApi": {{"enabled": false, "url": "{URL}"}}}}"#), elsewhere(), default);
    check("blobApi: {enabled: false, url: 'http://${HOST}:${PORT:-7837}/api/v1/blobs'}", elsewhere(), default);
}

#[test]
fn leaves_stepflows_own_sections_alone() {
    let text = format!(
        "plugins:
  python: &worker
    type: stepflow
    command: uv
    args: ['--project', '${{NOT_SET}}', !custom x]
  other: *worker
routes:
  '/python/{{*component}}':
    - plugin: python
  ? [a, b]
  : 1
storageConfig: {{type: sqlite, databaseUrl: 'sqlite:x.db', enabled: yes}}
blobApi: {{enabled: false, url: '{URL}', futureSetting: [1, {{}}]}}
workflows: 12
"
    );
    let expected = BlobApiConfig { service: elsewhere(), blob_threshold: DEFAULT_BLOB_THRESHOLD };
    assert_eq!(read(&text), Ok(expected));
}

#[test]
fn refuses_a_wrong_value_with_its_path() {
    let check = |text: &str, message: &str| assert_eq!(read(text).expect_err(text), message, "{text}");
    check(
        "plugins: {}\nblobApi:\n  enabled: \"yes\"\n",
        "blobApi.enabled: expected true or false, found \"yes\", at line 3 column 12",
    );
    check("blobApi: {enabled: yes}", "blobApi.enabled: expected true or false, found \"yes\", at line 1 column 20");
    check(
        "blobApi: {enabled: \"true\"}",
        "blobApi.enabled: expected true or false, found \"true\", at line 1 column 20",
    );
    check("blobApi: {enabled: null}", "blobApi.enabled: expected true or false, found null, at line 1 column 20");
    check("blobApi: {enabled: 0}", "blobApi.enabled: expected true or false, found 0, at line 1 column 20");
    check(
        "blobApi:\n  enabled: false\n",
        "blobApi.enabled: with false, blobApi.url must say where blobs are, at line 2 column 12",
    );
    check(
        "blobApi: {blobThreshold: -1}",
        "blobApi.blobThreshold: expected a whole number of bytes, found -1, at line 1 column 26",
    );
    check(
        "blobApi: {blobThreshold: 1.0}",
        "blobApi.blobThreshold: expected a whole number of bytes, found 1.0, at line 1 column 26",
    );
    check(
        "blobApi: {blobThreshold: 1MiB}",
        "blobApi.blobThreshold: expected a whole number of bytes, found \"1MiB\", at line 1 column 26",
    );
    check("blobApi: {url: [x]}", "blobApi.url: expected a URL, found a sequence, at line 1 column 16");
    check(
        "blobApi: {url: 'blobs:7837'}",
        "blobApi.url: a blob API's URL begins with http:// or https://; found \"blobs:7837\", at line 1 column 16",
    );
    check(
        "blobApi: {url: '${BLOB_URL}'}",
        "blobApi.url: the environment variable BLOB_URL is not set, and ${BLOB_URL} gives no default, at line 1 column 16",
    );
    check("blobApi: 3", "blobApi: expected a mapping, found 3, at line 1 column 10");
    check("blobApi:\n", "blobApi: expected a mapping, found null, at line 1 column 8");
}

#[test]
fn a_url_follows_from_the_address_unless_it_is_given() {
    let check = |config: &str, bound: &str, expected: &str| {
        let config = read(config).expect(config);
        assert_eq!(config.url(Scheme::Http, bound.parse().expect("an address")).as_str(), expected, "{bound}");
    };
    check("", "127.0.0.1:7837", "http://localhost:7837/api/v1/blobs");
    check("", "[::1]:80", "http://localhost:80/api/v1/blobs");
    check("", "0.0.0.0:7837", "http://localhost:7837/api/v1/blobs");
    check("", "10.0.0.1:7837", "http://10.0.0.1:7837/api/v1/blobs");
    check("", "[2001:db8::1]:7837", "http://[2001:db8::1]:7837/api/v1/blobs");
    check(&format!("blobApi: {{url: '{URL}'}}"), "127.0.0.1:1", URL);
    check(&format!("blobApi: {{url: '{URL}', enabled: false}}"), "127.0.0.1:1", URL);
}
