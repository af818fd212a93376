// References to files, from descriptors and mappings.
import { type Flow, flow } from '../flow.ts';
import { release } from '../guest-memfd/release.ts';

/** Drops `references` references of a gmem file; the last one releases it. */
export const fput: Flow = flow({
  name: 'fput',
  reference: 'fs/file_table.c',
  params: ['file', 'references'],
  locals: { file: 'number', references: 'number' },
  steps: {
    file_ref_put: {
      text: 'if (file_ref_put(&file->f_ref)) __fput(file)',
      run(f) {
        const { files } = f.machine.linux.gmem;
        if (files.get(f.file, 'references') === f.references) f.call(release, [f.file]);
        else files.count(f.file, 'references', -f.references);
      },
    },
  },
});
