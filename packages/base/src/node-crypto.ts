/** node:crypto, loaded by the first use: it takes four megabytes that an idle broker does not need. */
export function crypto(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}
