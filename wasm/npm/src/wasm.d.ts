// What an import of WebAssembly is where it is its compiled module.
declare module "isoblob/*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
