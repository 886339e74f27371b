// What an import of WebAssembly is where it is its compiled module.
declare module "isoblob/*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

// A module that `build.js` assembles, in base64.
declare module "*.wat" {
  const assembled: string;
  export default assembled;
}
