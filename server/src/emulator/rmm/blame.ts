// Which argument of a command a failed condition is about.

/** Prefixes of identifiers that are not the parameter's own name. */
const ALIASES: Readonly<Record<string, string>> = {
  gran: 'addr',
  params: 'params_ptr',
  run: 'run_ptr',
  rtte: 'ipa',
  calling: 'calling_rec',
  target: 'target_rec',
  attr: 'desc',
  size: 'top',
  no: 'top',
};

/** Conditions of a whole table or realm, which the address led to. */
const WHOLE: Readonly<Record<string, string>> = {
  rtt_walk: 'ipa',
  rtt_live: 'ipa',
  rtt_homo: 'ipa',
  rtt_num_level: 'params_ptr',
  vmid_valid: 'params_ptr',
  realm_state: 'rd',
  realm_live: 'rd',
  addr_align: 'desc',
  addr_bound: 'desc',
};

/** The position of the argument, or `undefined` where the whole call is to blame. */
export function blamedArgument(id: string, params: readonly { readonly name: string }[]): number | undefined {
  const prefix = id.split('_')[0] as string;
  const candidates = [WHOLE[id], prefix, ALIASES[prefix], 'base'];
  for (const name of candidates) {
    const found = params.findIndex((param) => param.name === name);
    if (found >= 0) return found;
  }
  return undefined;
}
