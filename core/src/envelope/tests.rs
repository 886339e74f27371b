use super::*;
use ErrorKind::{DuplicateKey, InvalidEnvelope, InvalidFlow, TrailingCharacters, UnexpectedCharacter, UnexpectedEnd};

fn parse(body: &str) -> Result<PutRequest, Error> {
    PutRequest::parse(body.as_bytes(), Limits::default())
}

#[test]
fn reads_what_stepflow_documents() {
    let check = |body: &str, content: &str, blob_type, filename: Option<&str>| {
        let PutRequest { blob, filename: found } = parse(body).expect(body);
        assert_eq!(String::from_utf8_lossy(blob.bytes()), content, "{body}");
        assert_eq!((blob.blob_type(), found.as_deref()), (blob_type, filename), "{body}");
        assert_eq!(blob.id(), BlobId::of(content.as_bytes()), "{body}");
    };
    check(r#"{"data":{"b":1,"a":2},"blobType":"data"}"#, r#"{"a":2,"b":1}"#, BlobType::Data, None);
    check(r#" { "blobType" : "flow" , "data" : {"steps":[]} } "#, r#"{"steps":[]}"#, BlobType::Flow, None);
    check(r#"{"data":null}"#, "null", BlobType::Data, None);
    check(r#"{"data":1.0,"blobType":null,"filename":null}"#, "1", BlobType::Data, None);
    check(r#"{"filename":"\u00e9","x":[{"b":1,"a":[]}],"d\u0061ta":"\/"}"#, r#""/""#, BlobType::Data, Some("é"));
    check(r#"{"data":"aGVsbG8=","blobType":"binary"}"#, "hello", BlobType::Binary, None);
    check(r#"{"data":"","blobType":"binary","filename":"a.bin"}"#, "", BlobType::Binary, Some("a.bin"));
}

#[test]
fn keeps_the_members_apart_however_large() {
    let large: Vec<_> = (0..20_000).rev().map(|n| format!(r#""{n:05}":[{n}]"#)).collect();
    let large = format!("{{{}}}", large.join(","));
    let body = format!(r#"{{"other":{large},"data":{large},"more":{large},"blobType":"data"}}"#);
    let put = parse(&body).expect("an envelope");
    assert_eq!(put.blob, Blob::data(large.as_bytes(), Limits::default()).expect("data"));

    // What is canonical already is not written, and nothing of it is remembered for what follows.
    let canonical = format!("[{}]", vec!["[1,2,3]"; 20_000].join(","));
    let put =
        parse(&format!(r#"{{"data":{canonical},"more":{large},"x":{canonical},"y":{large}}}"#)).expect("an envelope");
    assert_eq!(put.blob.bytes(), canonical.as_bytes());
}

#[test]
fn says_what_is_wrong_with_a_body() {
    let check = |body: &str, kind, message: &str| {
        let error = parse(body).expect_err(body);
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, message), "{body}");
    };
    check("", UnexpectedEnd, "the text ends where a value should be, at line 1 column 1 (byte 0)");
    check("[1]", InvalidEnvelope, "the body must be an object with `data`");
    check("[1", UnexpectedEnd, "the text ends where `,` or `]` should be, at line 1 column 3 (byte 2)");
    check("{}", InvalidEnvelope, "the body has no `data`");
    check(
        r#"{"data":1,"data":2}"#,
        DuplicateKey,
        "the object has this key already, at line 1 column 11 (byte 10), in `/data`",
    );
    check(
        r#"{"data":1} x"#,
        TrailingCharacters,
        "expected the end of the text, found `x`, at line 1 column 12 (byte 11)",
    );
    check(r#"{"x":[1,}"#, UnexpectedCharacter, "expected a value, found `}`, at line 1 column 9 (byte 8), in `/x/1`");
    check(
        r#"{"data":1,"blobType":"Data"}"#,
        InvalidEnvelope,
        "a blob type is `data`, `flow` or `binary`, not `Data`, in `/blobType`",
    );
    check(r#"{"data":1,"blobType":1}"#, InvalidEnvelope, "`blobType` must be a string, not a number, in `/blobType`");
    check(r#"{"data":1,"filename":{}}"#, InvalidEnvelope, "`filename` must be a string, not an object, in `/filename`");
    for data in ["1", r#""a""#, r#""aGVsbG8""#] {
        let body = format!(r#"{{"data":{data},"blobType":"binary"}}"#);
        check(&body, InvalidEnvelope, "the `data` of a binary blob must be a base64 string, in `/data`");
    }
    check(
        r#"{"data":{"steps":1},"blobType":"flow"}"#,
        InvalidFlow,
        "`steps` must be an array, not a number, in `/steps`",
    );
}

#[test]
fn counts_the_positions_of_data_from_its_first_byte() {
    for data in [r#"{"a":1,"a":2}"#, "[\n1,\n01]", r#""\ud800""#, "[1e999]", "[tru]"] {
        let alone = Blob::data(data.as_bytes(), Limits::default()).expect_err(data);
        let inside = parse(&format!("{{\n\"data\": {data}, \"blobType\": \"data\"}}")).expect_err(data);
        assert_eq!(inside.kind(), alone.kind(), "{data}");
        assert_eq!(inside.pointer(), alone.pointer(), "{data}");
        assert_eq!(inside.position().map(|at| at.offset), alone.position().map(|at| at.offset), "{data}");
    }
}

#[test]
fn memory_that_is_lent_makes_no_difference() {
    for data in [r#"{"a":1}"#, r#"{"b":1.0,"a":2}"#, "[ 1 ]", "1e20", r#""\u0041""#, "true"] {
        for body in
            [format!(r#"{{"data":{data}}}"#), format!(r#"{{"filename":"\u0061","data":{data},"blobType":"data"}}"#)]
        {
            let expected = PutRequest::parse(body.as_bytes(), Limits::default()).expect("an envelope");
            for capacity in [1, 5, 1 << 16] {
                let mut memory = Vec::with_capacity(capacity);
                memory.push(b'x');
                let put = PutRequest::parse_into(memory, body.as_bytes(), Limits::default()).expect("an envelope");
                assert_eq!(put, expected, "{body}");
                if capacity == 1 << 16 && !data.starts_with("{\"b") {
                    assert_eq!(Vec::from(put.blob.into_bytes()).capacity(), capacity, "{body}");
                }
            }
        }
    }
}

#[test]
fn writes_what_it_reads() {
    let check = |blob: Blob, filename: Option<&str>, data: &str, rest: &str| {
        let json = BlobEnvelope { blob: &blob, filename }.to_json();
        let expected = format!(r#"{{"data":{data},"blobType":"{}","blobId":"{}"{rest}}}"#, blob.blob_type(), blob.id());
        assert_eq!(String::from_utf8_lossy(&json), expected);
        let put = PutRequest::parse(&json, Limits::default()).expect("an envelope");
        assert_eq!((put.blob, put.filename.as_deref()), (blob, filename));
    };
    let flow = Blob::flow(br#"{"steps":[]}"#, Limits::default()).expect("a flow");
    check(flow, None, r#"{"steps":[]}"#, "");
    let filename = "\"\\\u{1}é😀\n/";
    check(Blob::binary(vec![0, 255]), Some(filename), r#""AP8=""#, r#","filename":"\"\\\u0001é😀\n/""#);
}
