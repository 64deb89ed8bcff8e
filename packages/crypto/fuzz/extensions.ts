/** Extensions that certificates and lists rarely carry and readers must still know how to read. */
import { der } from '../src/der.ts'

/** One of each, critical where the standard wants it so. */
export function hostileExtensions(): Uint8Array[] {
  const directory = der.explicit(4, der.sequence(der.setOf(der.sequence(der.oid('2.5.4.3'), der.utf8String('样例')))))
  const mail = der.implicit(1, der.ia5String('a@gov.cn'))
  const address = der.implicit(6, der.ia5String('http://127.0.0.1/ca.crl'))
  const policy = der.sequence(der.oid('1.2.3'))
  const subtree = (name: Uint8Array): Uint8Array => der.sequence(der.sequence(name))
  const point = der.sequence(der.explicit(0, der.explicit(0, address)), der.implicit(1, der.namedBits([1, 2])))
  return [
    // Name constraints, permitted and excluded.
    extension('2.5.29.30', true, der.sequence(der.implicit(0, subtree(mail)), der.implicit(1, subtree(directory)))),
    // Policies with a qualifier, mappings, constraints on policies, and no policy taken for any.
    extension('2.5.29.32', false, der.sequence(policy, der.sequence(der.oid('2.5.29.32.0'), der.sequence(policy)))),
    extension('2.5.29.33', true, der.sequence(der.sequence(der.oid('1.2.3'), der.oid('1.2.4')))),
    extension('2.5.29.36', true, der.sequence(der.implicit(0, der.integer(0)), der.implicit(1, der.integer(1)))),
    extension('2.5.29.54', true, der.integer(0)),
    // Where lists lie, what a list is about, that it is a delta, and who issued an entry.
    extension('2.5.29.31', false, der.sequence(point)),
    extension(
      '2.5.29.28',
      true,
      der.sequence(der.explicit(0, der.explicit(0, address)), der.implicit(1, der.boolean(true))),
    ),
    extension('2.5.29.27', true, der.integer(3)),
    extension('2.5.29.29', true, der.sequence(directory)),
    // Purposes, alternative names and key identifiers with an issuer.
    extension('2.5.29.37', false, der.sequence(der.oid('1.3.6.1.5.5.7.3.36'), der.oid('2.5.29.37.0'))),
    extension('2.5.29.17', false, der.sequence(mail, directory, address)),
  ]
}

function extension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  return der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octetString(value))
}
