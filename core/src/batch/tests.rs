use super::*;

const ID: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

fn puts(body: &str) -> Result<Vec<Result<PutRequest, Error>>, Error> {
    BatchPutRequest::parse(body.as_bytes(), Limits::default()).map(|request| request.blobs)
}

#[test]
fn reads_ids() {
    let check = |body: &str, expected: &[&str]| {
        let request = BatchIdsRequest::parse(body.as_bytes(), Limits::default()).expect(body);
        assert_eq!(request.blob_ids.iter().map(BlobId::to_string).collect::<Vec<_>>(), expected, "{body}");
    };
    check(r#"{"blobIds":[]}"#, &[]);
    check(&format!(r#"{{"a":1,"blobIds":["{ID}","\u0034{}"],"z":[]}}"#, &ID[1..]), &[ID, ID]);
    let most = vec![ID; MAX_BATCH_BLOBS];
    check(&format!(r#"{{"blobIds":{most:?}}}"#), &most);
}

#[test]
fn says_what_is_wrong_with_ids() {
    let check = |body: &str, message: &str| {
        let error = BatchIdsRequest::parse(body.as_bytes(), Limits::default()).expect_err(body);
        assert_eq!(error.to_string(), message, "{body}");
    };
    for body in ["[]", "{}", r#"{"blobIds":{}}"#] {
        check(body, "the body must be an object with an array `blobIds`");
    }
    check(&format!(r#"{{"blobIds":["{ID}",1]}}"#), "a blob id is 64 lowercase hex digits, in `/blobIds/1`");
    check(r#"{"blobIds":["x"]}"#, "a blob id is 64 lowercase hex digits, in `/blobIds/0`");
    check(
        &format!(r#"{{"blobIds":{:?}}}"#, vec![ID; MAX_BATCH_BLOBS + 1]),
        "`blobIds` has more than 1000 elements, in `/blobIds`",
    );
    check(
        r#"{"blobIds":[],"blobIds":[]}"#,
        "the object has this key already, at line 1 column 15 (byte 14), in `/blobIds`",
    );
}

#[test]
fn each_put_is_read_as_if_it_had_been_sent_alone() {
    let items = [
        r#"{"data":1}"#,
        r#"{ "data" : {"b":1,"a":[{},"]}\"\\"]} , "blobType":"data", "filename":"é" }"#,
        r#"{"data":{"a":1,"a":2}}"#,
        r#"{"data":[1e999]}"#,
        r#"{"data":"\ud800"}"#,
        r#"{"data":"aGVsbG8=","blobType":"binary"}"#,
        r#"{"data":"aGVsbG8","blobType":"binary"}"#,
        r#"{"data":{"steps":1},"blobType":"flow"}"#,
        r#"{"blobType":"data"}"#,
        r#"{"data":tru}"#,
        r#"{"data":01}"#,
        r#"{"data":1}{}"#,
        "null",
        "tru",
        "[]",
        r#""}""#,
    ];
    for separator in [",", " ,\n", "\r\n\t, "] {
        let body = format!("{{ \"blobs\" : [ {} ] , \"more\" : [[] ] }}", items.join(separator));
        let alone = items.map(|item| PutRequest::parse(item.as_bytes(), Limits::default()));
        assert_eq!(puts(&body).expect(&body), alone);
    }
    assert_eq!(puts(r#"{"blobs":[]}"#), Ok(vec![]));
    assert_eq!(puts(r#"{"blobs":[ ]}"#), Ok(vec![]));
    assert_eq!(
        puts(&format!(r#"{{"blobs":[1{}]}}"#, ",1".repeat(MAX_BATCH_BLOBS - 1))).map(|puts| puts.len()),
        Ok(1000)
    );
}

#[test]
fn says_where_a_body_cannot_be_taken_apart() {
    let check = |body: &str, message: &str| {
        let error = puts(body).expect_err(body);
        assert_eq!(error.to_string(), message, "{body}");
    };
    for body in ["1", "{}", r#"{"blobs":{"data":1}}"#, r#"{"blobs":null}"#] {
        check(body, "the body must be an object with an array `blobs`");
    }
    let too_many = "`blobs` has more than 1000 elements, in `/blobs`";
    check(&format!(r#"{{"blobs":[1{}]}}"#, ",1".repeat(MAX_BATCH_BLOBS)), too_many);
    check(&format!(r#"{{"blobs":[1{}]}}"#, ",1".repeat(100 * MAX_BATCH_BLOBS)), too_many);
    check(r#"{"blobs":[],"blobs":[]}"#, "the object has this key already, at line 1 column 13 (byte 12), in `/blobs`");
    check(
        r#"{"blobs":[{"data":[1}, {"data":2}]}"#,
        "expected `,` or `]`, found `}`, at line 1 column 21 (byte 20), in `/blobs/0/data`",
    );
    check(
        r#"{"blobs":[{"data":"a}]}"#,
        "the text ends where the end of a string should be, at line 1 column 24 (byte 23), in `/blobs/0/data`",
    );
    check(r#"{"blobs":[{"data":1},]}"#, "expected a value, found `]`, at line 1 column 22 (byte 21), in `/blobs/1`");
    check(r#"{"blobs":[,]}"#, "expected a value, found `,`, at line 1 column 11 (byte 10), in `/blobs/0`");
    check(r#"{"blobs":[1 2]}"#, "expected `,` or `]`, found `2`, at line 1 column 13 (byte 12), in `/blobs`");
    check(r#"{"blobs":[1"#, "the text ends where `,` or `]` should be, at line 1 column 12 (byte 11), in `/blobs`");
    check(r#"{"blobs":[1]"#, "the text ends where `,` or `}` should be, at line 1 column 13 (byte 12)");
    check(r#"{"blobs":"#, "the text ends where a value should be, at line 1 column 10 (byte 9), in `/blobs`");
}
