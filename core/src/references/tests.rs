use super::*;
use crate::{Limits, MAX_POINTER_BYTES, canonicalize};

const ID: &str = "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945";
const OTHER: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/// In these documents `ID` and `OTHER` stand for the two ids.
fn find(document: &str) -> Vec<Reference> {
    let document = document.replace("ID", ID).replace("OTHER", OTHER);
    find_references(&canonicalize(document.as_bytes(), Limits::default()).expect("JSON"))
}

fn reference(pointer: &str, id: &str, blob_type: BlobType, size: Option<u64>) -> Reference {
    Reference { pointer: Some(pointer.to_owned()), id: id.parse().expect("an id"), blob_type, size }
}

#[track_caller]
fn check(document: &str, expected: &[(&str, &str, BlobType, Option<u64>)]) {
    let expected: Vec<_> =
        expected.iter().map(|&(pointer, id, blob_type, size)| reference(pointer, id, blob_type, size)).collect();
    assert_eq!(find(document), expected, "{document}");
}

#[test]
fn finds_what_the_sdks_write() {
    use BlobType::{Binary, Data, Flow};
    check(r#"{"$blob":"ID"}"#, &[("", ID, Data, None)]);
    check(r#"{"$blob":"ID","size":12345}"#, &[("", ID, Data, Some(12345))]);
    check(r#"{"size":2,"blobType":"binary","$blob":"ID"}"#, &[("", ID, Binary, Some(2))]);
    check(
        r#"{"b":[0,{"$blob":"OTHER"},[{"x/y~z":{"$blob":"ID","blobType":"flow"}}]],"a":{"$blob":"ID"}}"#,
        &[("/a", ID, Data, None), ("/b/1", OTHER, Data, None), ("/b/2/0/x~1y~0z", ID, Flow, None)],
    );
    check(r#"[{"$blob":"ID"},{"$blob":"ID"}]"#, &[("/0", ID, Data, None), ("/1", ID, Data, None)]);
}

#[test]
fn hints_that_are_wrong_do_not_hide_a_reference() {
    for blob_type in [r#""video""#, r#""Flow""#, "null", "7", r#"{"$blob":"OTHER"}"#, r#"["flow"]"#] {
        check(&format!(r#"{{"$blob":"ID","blobType":{blob_type}}}"#), &[("", ID, BlobType::Data, None)]);
    }
    for size in ["-1", "1.5", "18446744073709551616", r#""12""#, "null", r#"[{"$blob":"OTHER"}]"#] {
        check(&format!(r#"{{"$blob":"ID","size":{size}}}"#), &[("", ID, BlobType::Data, None)]);
    }
    check(r#"{"$blob":"ID","size":18446744073709551615}"#, &[("", ID, BlobType::Data, Some(u64::MAX))]);
    // One spelling of a number is as good as another.
    check(r#"{"$blob":"ID","size":1.2e1}"#, &[("", ID, BlobType::Data, Some(12))]);
}

#[test]
fn what_has_no_id_is_no_reference() {
    let upper = ID.to_uppercase();
    let odd = format!("{}é", &ID[2..]);
    let long = format!("{ID}0");
    for id in [
        r#""""#,
        "null",
        "1",
        &format!(r#""{}""#, &ID[1..]),
        &format!("\"{long}\""),
        &format!("\"{upper}\""),
        &format!("\"{odd}\""),
    ] {
        check(&format!(r#"{{"$blob":{id}}}"#), &[]);
        // So it is searched.
        check(&format!(r#"{{"$blob":{id},"a":{{"$blob":"ID"}}}}"#), &[("/a", ID, BlobType::Data, None)]);
    }
    check(r#"{"$blob":{"$blob":"ID"}}"#, &[("/$blob", ID, BlobType::Data, None)]);
    check(r#"{"$blob":[{"$blob":"ID"}]}"#, &[("/$blob/0", ID, BlobType::Data, None)]);
    check(r#"{"blob":"ID","$blob ":"ID","$Blob":"ID"}"#, &[]);
    check(r#"["$blob","ID",{"blobType":"flow"},[],{},null]"#, &[]);
    check(r#""$blob""#, &[]);
}

#[test]
fn nothing_is_looked_for_inside_a_reference() {
    // Before the id, between the hints, and behind them.
    let inner = r#"[{"$blob":"OTHER"}]"#;
    check(
        &format!(r#"{{"":{inner},"$blob":"ID","a":{inner},"blobType":"flow","c":{inner},"size":3,"z":{inner}}}"#),
        &[("", ID, BlobType::Flow, Some(3))],
    );
    check(
        r#"[{"":{"$blob":"OTHER"}},{"":{"$blob":"OTHER"},"$blob":"ID"}]"#,
        &[("/0/", OTHER, BlobType::Data, None), ("/1", ID, BlobType::Data, None)],
    );
}

#[test]
fn a_long_pointer_is_left_out() {
    let longest = "a".repeat(MAX_POINTER_BYTES - 1);
    check(&format!(r#"{{"{longest}":{{"$blob":"ID"}}}}"#), &[(&format!("/{longest}"), ID, BlobType::Data, None)]);
    let found = find(&format!(r#"{{"a{longest}":{{"$blob":"ID","size":1}},"b":{{"$blob":"ID"}}}}"#));
    let without = Reference { pointer: None, ..reference("", ID, BlobType::Data, Some(1)) };
    assert_eq!(found, [without, reference("/b", ID, BlobType::Data, None)]);
}

#[test]
fn all_pointers_together_have_a_limit() {
    let key = "k".repeat(MAX_POINTER_BYTES - 16);
    let count = MAX_REFERENCE_POINTERS_BYTES / (MAX_POINTER_BYTES - 16) + 100;
    let references = vec![format!(r#"{{"$blob":"{ID}"}}"#); count].join(",");
    // What is inside a reference does not count.
    let document =
        format!(r#"[{{"":[{references}],"$blob":"{ID}"}},{{"{key}":[{references}]}},{{"$blob":"{OTHER}"}}]"#);
    let found = find_references(document.as_bytes());
    assert_eq!(found.len(), count + 2);
    assert_eq!(found[0], reference("/0", ID, BlobType::Data, None));
    assert_eq!(found[1].pointer.as_deref(), Some(format!("/1/{key}/0").as_str()));
    assert_eq!(found[count].pointer, None);
    assert!(found.iter().all(|reference| reference.pointer.is_some() || reference.id.to_string() == ID));
    let bytes: usize = found.iter().filter_map(|reference| reference.pointer.as_ref()).map(String::len).sum();
    assert!(
        (MAX_REFERENCE_POINTERS_BYTES - MAX_POINTER_BYTES..=MAX_REFERENCE_POINTERS_BYTES).contains(&bytes),
        "{bytes}"
    );
}

#[test]
fn any_depth_and_any_bytes_will_do() {
    let deepest = format!(r#"{}{{"$blob":"ID"}}{}"#, "[".repeat(126), "]".repeat(126));
    check(&deepest, &[("/0".repeat(126).as_str(), ID, BlobType::Data, None)]);

    let whole =
        format!(r#"[{{"$blob":"{ID}"}},{{"\\é":{{"$blob":"{OTHER}","blobType":"flow","size":1}}}},-1.5,"\u0001"]"#);
    assert_eq!(find_references(whole.as_bytes()).len(), 2);
    for end in 0..whole.len() {
        assert!(find_references(&whole.as_bytes()[..end]).len() <= 2);
        for byte in 0..=u8::MAX {
            let mut bytes = whole.clone().into_bytes();
            bytes[end] = byte;
            assert!(find_references(&bytes).len() <= 3);
        }
    }
    for not_json in [format!(r#"{{"$blob" "{ID}"}}"#), format!(r#"["$blob":"{ID}"]"#), format!(r#"{{"$blob","{ID}"}}"#)]
    {
        assert_eq!(find_references(not_json.as_bytes()), [], "{not_json}");
    }
    let too_deep = vec![b'['; 1_000_000];
    assert_eq!(find_references(&too_deep), []);
}

#[test]
fn is_shown_as_json() {
    let json = |document| serde_json::to_string(&find(document)).expect("serializes");
    assert_eq!(
        json(r#"{"a":{"$blob":"ID","blobType":"flow","size":2}}"#),
        format!(r#"[{{"pointer":"/a","id":"{ID}","blobType":"flow","size":2}}]"#),
    );
    assert_eq!(json(r#"{"$blob":"ID"}"#), format!(r#"[{{"pointer":"","id":"{ID}","blobType":"data"}}]"#));
}
