// Works on a tree of files with Rust's own library. Usage: filetree DIR
use std::ffi::CString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::raw::{c_char, c_int};
use std::path::Path;

extern "C" {
    // The library's own function is not stable on this target.
    fn symlink(target: *const c_char, path: *const c_char) -> c_int;
}

fn make_link(target: &str, path: &Path) -> io::Result<()> {
    let target = CString::new(target)?;
    let path = CString::new(path.to_str().unwrap())?;
    match unsafe { symlink(target.as_ptr(), path.as_ptr()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn walk(folder: &Path, root: &Path) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(|entry| entry.path());
    for entry in entries {
        let status = fs::symlink_metadata(entry.path())?;
        let kind = match status.file_type() {
            kind if kind.is_dir() => "folder",
            kind if kind.is_symlink() => "link",
            _ => "file",
        };
        let size = if status.is_file() { status.len() as i64 } else { -1 };
        println!("{} {} {}", entry.path().strip_prefix(root).unwrap().display(), kind, size);
        if status.is_dir() {
            walk(&entry.path(), root)?;
        }
    }
    Ok(())
}

fn work(root: &Path) -> io::Result<()> {
    fs::create_dir_all(root.join("x/y/z"))?;
    for i in 0..10 {
        fs::write(root.join(format!("x/y/f{}", i)), "rust\n".repeat(i))?;
    }
    fs::rename(root.join("x/y/f9"), root.join("x/y/z/moved"))?;
    OpenOptions::new().write(true).open(root.join("x/y/f8"))?.set_len(4)?;
    make_link("y/f7", &root.join("x/link"))?;
    fs::hard_link(root.join("x/y/f6"), root.join("x/y/hard"))?;
    fs::remove_file(root.join("x/y/f0"))?;
    OpenOptions::new().append(true).open(root.join("x/y/f1"))?.write_all(b"more")?;
    println!("copied: {}", fs::copy(root.join("x/y/f5"), root.join("x/y/copy"))?);

    assert_eq!(fs::metadata(root.join("x/y/f0")).unwrap_err().kind(), io::ErrorKind::NotFound);
    println!("through the link: {}", fs::read(root.join("x/link"))?.len());
    let mut file = File::open(root.join("x/y/f2"))?;
    file.seek(SeekFrom::End(-5))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    println!("the end: {:?}", text);
    walk(root, root)?;

    fs::remove_dir_all(root.join("x/y"))?;
    assert!(fs::read(root.join("../../etc/passwd")).is_err(), "an escape");
    Ok(())
}

fn main() {
    let root = std::env::args().nth(1).expect("a folder");
    if let Err(error) = work(Path::new(&root)) {
        eprintln!("filetree: {}", error);
        std::process::exit(1);
    }
}
