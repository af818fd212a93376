// RMI_DATA_CREATE: copies a page of the host into a new realm, measured or not. RMM 1.0, B4.3.1.
import {
  addressWidth,
  entryIs,
  granule,
  hostPage,
  hostReadable,
  INPUT,
  ipaProtected,
  pageAligned,
  realm,
  realmIsNew,
  walkReachesPage,
  walkToPage,
} from '../checks.ts';
import { type Args, check, command } from '../command.ts';
import { assign } from '../data.ts';
import { isUnassigned } from '../rtt-entry.ts';

const RMI_MEASURE_CONTENT = 1;

export const dataCreate = command({
  name: 'RMI_DATA_CREATE',
  fid: 0xc4000153,
  section: 'B4.3.1',
  summary: 'Copies a page of the host into a realm that is still NEW, and extends the RIM.',
  params: {
    rd: { type: 'pa', text: 'realm descriptor' },
    data: { type: 'pa', text: 'destination, DELEGATED' },
    ipa: { type: 'ipa', text: 'where, aligned to 4 KiB' },
    src: { type: 'pa', text: 'source, a page of the host' },
    flags: {
      type: 'flags',
      text: 'whether the contents are measured',
      flags: { RMI_NO_MEASURE_CONTENT: 0, RMI_MEASURE_CONTENT },
    },
  },
  steps: [
    check<Args<'flags'>>(
      'flags',
      'flags is 0 or RMI_MEASURE_CONTENT',
      INPUT,
      (_rmm, { flags }) => flags === 0 || flags === 1,
    ),
    ...hostPage('src', 'src'),
    granule('data', 'data', 'DELEGATED'),
    realm,
    realmIsNew,
    ipaProtected,
    pageAligned,
    addressWidth('data', 'data'),
    walkToPage,
    walkReachesPage,
    entryIs('UNASSIGNED', isUnassigned),
    hostReadable('src', 'src'),
  ],
  effects: [
    'the page src is copied to data; src stays with the host',
    'granule data becomes DATA',
    'the entry becomes ASSIGNED_RAM, whatever its RIPAS was',
    'the RIM is extended with ipa, flags and, if measured, the hash of the contents',
  ],
  execute(rmm, { data, ipa, src, flags }) {
    const { pages, realms, measurements, realm: rd } = rmm;
    const contents = pages.bytes(src);
    pages.setBytes(data, contents);
    assign(rmm, data, 'RAM');
    const measured = flags === RMI_MEASURE_CONTENT ? contents : undefined;
    realms.set(rd, 'rim', measurements.data(realms.get(rd, 'rim'), ipa, flags, measured));
  },
});
