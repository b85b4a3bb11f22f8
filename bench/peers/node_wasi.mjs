// node node_wasi.mjs MODULE FOLDER: runs a guest with FOLDER as /w.
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

const [, , module, folder] = process.argv;
const wasi = new WASI({ version: "preview1", args: ["file_costs", "/w"], preopens: { "/w": folder } });
const { instance } = await WebAssembly.instantiate(await readFile(module), wasi.getImportObject());
process.exitCode = wasi.start(instance);
