/** The address of the core's WebAssembly. */
declare const url: string;
export default url;
