"""The runtimes that are compared: how each is called with a program and a folder."""
import dataclasses
import shutil
import subprocess
import tempfile
import pathlib

GUEST = "/g"
TIMEOUT_SECONDS = 20
NODE = """
const { WASI } = require('node:wasi');
const wasi = new WASI({ version: 'preview1', preopens: JSON.parse(process.argv[2]), returnOnExit: true });
WebAssembly.instantiate(require('node:fs').readFileSync(process.argv[1]), wasi.getImportObject())
  .then(({ instance }) => process.exit(wasi.start(instance)), error => { console.error(String(error)); process.exit(134); });
"""


@dataclasses.dataclass
class Peer:
    name: str
    words: object  # (program, folder or None) -> command line


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What can be compared: how it ended, and what it printed."""
    end: str  # "exit 0", "trap"
    output: bytes


def ours(command):
    return Peer("mimobox-wasm", lambda program, folder: [
        str(command), "run", "-q", "--no-default-env", *(["--dir", f"{folder}::{GUEST}"] if folder else []), str(program)])


def installed():
    """The other runtimes that are in PATH."""
    found = []
    if shutil.which("wasmtime"):
        found.append(Peer("wasmtime", lambda program, folder: [
            "wasmtime", "run", *(["--dir", f"{folder}::{GUEST}"] if folder else []), str(program)]))
    if shutil.which("wazero"):
        found.append(Peer("wazero", lambda program, folder: [
            "wazero", "run", *([f"-mount={folder}:{GUEST}"] if folder else []), str(program)]))
    if shutil.which("node"):
        found.append(Peer("node", lambda program, folder: [
            "node", "--no-warnings", "-e", NODE, str(program), f'{{"{GUEST}": "{folder}"}}' if folder else "{}"]))
    return found


def run(peer, binary, folder=None):
    with tempfile.TemporaryDirectory(prefix="differential-") as place:
        program = pathlib.Path(place) / "program.wasm"
        program.write_bytes(binary)
        try:
            done = subprocess.run(peer.words(program, folder), stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=TIMEOUT_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return Outcome("never", b"")
    end = "exit 0" if done.returncode == 0 else "trap"
    return Outcome(end, done.stdout)
