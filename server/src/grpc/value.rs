//! `google.protobuf.Value` as JSON and JSON as `google.protobuf.Value`, without a tree in between.
//!
//! ```text
//! Value      one of { NullValue null_value = 1, double number_value = 2, string string_value = 3, bool bool_value = 4,
//!                     Struct struct_value = 5, ListValue list_value = 6 }
//! Struct     map<string, Value> fields = 1, which is repeated { string key = 1, Value value = 2 } fields = 1
//! ListValue  repeated Value values = 1
//! ```

mod of_json;
mod to_json;

pub use of_json::of_json;
pub use to_json::to_json;

/// The numbers of the fields.
mod field {
    pub const NULL_VALUE: u32 = 1;
    pub const NUMBER_VALUE: u32 = 2;
    pub const STRING_VALUE: u32 = 3;
    pub const BOOL_VALUE: u32 = 4;
    pub const STRUCT_VALUE: u32 = 5;
    pub const LIST_VALUE: u32 = 6;

    /// Of a `Struct`.
    pub const FIELDS: u32 = 1;
    /// Of an entry of a `Struct`.
    pub const KEY: u32 = 1;
    /// Of an entry of a `Struct`.
    pub const VALUE: u32 = 2;
    /// Of a `ListValue`.
    pub const VALUES: u32 = 1;
}

#[cfg(test)]
mod tests;
