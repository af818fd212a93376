// The lines at the head of a file: the machine that it asks for.
import type { File, Header } from '../../../grammar/src/index.ts';
import type { MachineOptions } from '../emulator/index.ts';
import type { Compiler } from './compiler.ts';
import { resolve } from './expression.ts';
import { LIMITS } from './limits.ts';
import { pinnedModels } from './models.ts';
import type { Problems } from './problem.ts';
import { Scope } from './scope.ts';
import type { SourceFile } from './source.ts';
import { isRange } from './value.ts';

export function machineOptions(
  compiler: Compiler,
  { headers }: File,
  file: SourceFile,
  platforms: readonly string[],
): MachineOptions {
  const { problems } = compiler;
  for (const header of headers) checkHeader(header, file, problems);
  const dram = dramOf(headers, file, problems);
  compiler.models = pinnedModels(headers, file, problems);
  const { rmm, linux: profile } = compiler.models;
  const page = headers.find((header) => header.kind === 'page');
  // What is no size of a page was reported; the machine has the ordinary one.
  const size = page?.kind === 'page' ? Number(page.size.value) : 0;
  const pageSize = PAGE_SIZES.includes(size) ? size : 4096;
  const arch = platforms.includes('cca') || profile?.includes('cca') ? 'arm64' : 'x86';
  const line = headers.find((header) => header.kind === 'nodes');
  const nodes = Math.min(Math.max(1, line?.kind === 'nodes' ? Number(line.size.value) : 1), MOST_NODES);
  return { rmm, ...(dram && { dram }), linux: { arch, pageSize, nodes, ...(profile !== undefined && { profile }) } };
}

/** NUMA nodes of a machine: a policy's nodes are bits of a number. */
const MOST_NODES = 16;
const PAGE_SIZES: readonly (number | bigint)[] = [4096, 16384, 65536];

function checkHeader(header: Header, file: SourceFile, problems: Problems): void {
  if (header.kind === 'matrix') {
    problems.error('CCS605', file, header, 'matrix is not run yet: this version makes one run of a file');
  } else if (header.kind === 'page' && !PAGE_SIZES.includes(header.size.value)) {
    problems.error('CCS604', file, header.size, 'pages of the host are 4K, 16K or 64K');
  } else if (header.kind === 'nodes' && (header.size.value < 1 || header.size.value > MOST_NODES)) {
    problems.error('CCS604', file, header.size, `a machine has 1 to ${MOST_NODES} NUMA nodes`);
  } else if (header.kind === 'granule' && header.size.value !== 4096) {
    problems.error('CCS604', file, header.size, 'RMM 1.0 has granules of 4K only');
  }
}

/** The DRAM that a `memory` header gives the machine. */
function dramOf(headers: readonly Header[], file: SourceFile, problems: Problems): MachineOptions['dram'] {
  const header = headers.find((candidate) => candidate.kind === 'memory');
  if (header?.kind !== 'memory') return undefined;
  const { constant: value } = resolve(header.range, { file, problems, scope: new Scope(undefined) });
  // What is no range was reported with the header's syntax.
  if (value === undefined || !isRange(value)) return undefined;
  if (value.base % 4096 !== 0 || value.length % 4096 !== 0 || value.length === 0 || value.length > LIMITS.dram) {
    problems.error('CCS205', file, header.range, 'memory is made of whole 4K pages, at least one and at most 16G');
    return undefined;
  }
  return { base: value.base, size: value.length };
}
