//! Makes a module's start function an export that the host calls, like any entry point.
//!
//! The engine would call it from inside the instantiation, where nobody outside can tell yet which
//! memory the instance has: then neither its endless bulk operations nor its code could be stopped safely.

use wasmtime::{Result, bail};
use wasmtime_environ::wasmparser::{Encoding, Parser, Payload};

/// The export's name begins so; what follows is, in decimal, by how many bytes the code section moved.
pub const START_EXPORT: &str = "mimobox:start:";

const EXPORT_SECTION: u8 = 7;
const KIND_FUNCTION: u8 = 0;

fn push_leb(out: &mut Vec<u8>, mut value: usize) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        out.push(if value == 0 { low } else { low | 0x80 });
        if value == 0 {
            break;
        }
    }
}

/// An export section of the `count` entries in `entries` and the start function.
fn export_section(count: usize, entries: &[u8], name: &str, start: u32) -> Vec<u8> {
    let mut body = Vec::with_capacity(entries.len() + name.len() + 16);
    push_leb(&mut body, count + 1);
    body.extend_from_slice(entries);
    push_leb(&mut body, name.len());
    body.extend_from_slice(name.as_bytes());
    body.push(KIND_FUNCTION);
    push_leb(&mut body, start as usize);
    let mut section = vec![EXPORT_SECTION];
    push_leb(&mut section, body.len());
    section.extend_from_slice(&body);
    section
}

/// What of a module has to change.
#[derive(Default)]
struct Found<'a> {
    start: Option<(u32, std::ops::Range<usize>)>,
    exports: Option<(usize, &'a [u8], std::ops::Range<usize>)>,
    /// Where an export section would stand if there is none.
    insert_at: usize,
}

/// The module with its start function exported and no longer a start function; None when it has none.
/// The bytes are a valid module or the engine will say what is wrong with them.
pub fn export_start(bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    let mut found = Found::default();
    let mut section_start = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        let Ok(payload) = payload else { return Ok(None) };
        let end = match &payload {
            Payload::Version { encoding: Encoding::Component, .. } => return Ok(None),
            Payload::Version { range, .. } => range.end,
            // Both sections stand before the code.
            Payload::CodeSectionStart { .. } => break,
            other => match other.as_section() {
                Some((_, range)) => range.end,
                None => continue,
            },
        };
        match payload {
            Payload::StartSection { func, .. } => found.start = Some((func, section_start..end)),
            Payload::ExportSection(reader) => {
                let count = reader.count() as usize;
                for export in reader.clone() {
                    let Ok(export) = export else { return Ok(None) };
                    if export.name.starts_with(START_EXPORT) {
                        bail!("the module exports \"{START_EXPORT}...\", a name of the sandbox's own");
                    }
                }
                let range = reader.range();
                let entries = &bytes[range.start + count_size(&bytes[range.clone()])..range.end];
                found.exports = Some((count, entries, section_start..end));
            }
            // What may come before an export section.
            Payload::Version { .. }
            | Payload::TypeSection(_)
            | Payload::ImportSection(_)
            | Payload::FunctionSection(_)
            | Payload::TableSection(_)
            | Payload::MemorySection(_)
            | Payload::TagSection(_)
            | Payload::GlobalSection(_) => found.insert_at = end,
            _ => {}
        }
        section_start = end;
    }
    let Some((start, start_range)) = found.start else { return Ok(None) };
    let (count, entries, old) =
        found.exports.unwrap_or((0, &[], found.insert_at..found.insert_at));
    if old.end > start_range.start {
        return Ok(None); // out of order: not a module
    }
    // The name tells how far the code moves, and its length moves the code: two rounds settle it.
    let mut name = format!("{START_EXPORT}0");
    let mut section = Vec::new();
    for _ in 0..3 {
        section = export_section(count, entries, &name, start);
        let moved = section.len() as i64 - old.len() as i64 - start_range.len() as i64;
        let settled = format!("{START_EXPORT}{moved}");
        if settled == name {
            break;
        }
        name = settled;
    }
    let mut out = Vec::with_capacity(bytes.len() + section.len());
    out.extend_from_slice(&bytes[..old.start]);
    out.extend_from_slice(&section);
    out.extend_from_slice(&bytes[old.end..start_range.start]);
    out.extend_from_slice(&bytes[start_range.end..]);
    Ok(Some(out))
}

/// How many bytes the number at the beginning of `bytes` takes.
fn count_size(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| byte & 0x80 == 0).map_or(bytes.len(), |last| last + 1)
}
