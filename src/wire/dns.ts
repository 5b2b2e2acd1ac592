// The DNS on the wire, in one import: names, records, messages, and their text.

export * from './dns_format.ts';
export * from './dns_message.ts';
export * from './dns_name.ts';
export * from './dns_record.ts';
export * from './dns_record_text.ts';
export * from './dns_type.ts';
