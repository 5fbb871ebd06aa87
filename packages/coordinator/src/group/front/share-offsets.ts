/**
 * AlterShareGroupOffsets and DeleteShareGroupOffsets before and after their deciders; between two of them stands the share coordinator.
 *
 * Source: org.apache.kafka.coordinator.group.GroupCoordinatorService (alterShareGroupOffsets, deleteShareGroupOffsets).
 */
import { type AlterShareGroupOffsetsRequest, type DeleteShareGroupOffsetsRequest, ErrorCode } from '@skarab/protocol';
import {
  type AlteredOffsets,
  alterShareOffsets,
  beginOffsetsDeletion,
  endOffsetsDeletion,
  type ForgottenTopics,
  type OffsetsToDelete,
} from '../share/offsets.ts';
import { writeErrorToResponse } from '../write-error.ts';
import { either, type Front } from './call.ts';

/** AlterShareGroupOffsets, up to the states that the share coordinator is to begin. */
export function alterShareGroupOffsets(
  front: Front,
  request: AlterShareGroupOffsetsRequest,
  reply: (altered: AlteredOffsets) => void,
  nowMs: number,
): void {
  const refuse = (errorCode: ErrorCode, errorMessage: string | null): void =>
    reply({ errorCode, errorMessage, topics: [], states: null });
  if (request.groupId === '') refuse(ErrorCode.INVALID_GROUP_ID, null);
  else
    front.runtime.write(
      front.partitionFor(request.groupId),
      ({ parts }) => alterShareOffsets(parts, request),
      either(reply, (error, message) => refuse(writeErrorToResponse(error), message)),
      nowMs,
    );
}

/** DeleteShareGroupOffsets, up to the states that the share coordinator is to end. */
export function beginShareOffsetsDeletion(
  front: Front,
  request: DeleteShareGroupOffsetsRequest,
  reply: (begun: OffsetsToDelete) => void,
  nowMs: number,
): void {
  const refuse = (errorCode: ErrorCode, errorMessage: string | null): void =>
    reply({ errorCode, errorMessage, failed: [], states: [] });
  if (request.groupId === '') refuse(ErrorCode.INVALID_GROUP_ID, null);
  else
    front.runtime.write(
      front.partitionFor(request.groupId),
      ({ parts }) => beginOffsetsDeletion(parts, request),
      either(reply, (error, message) => refuse(writeErrorToResponse(error), message)),
      nowMs,
    );
}

/** DeleteShareGroupOffsets, once the share coordinator has ended the states. */
export function endShareOffsetsDeletion(
  front: Front,
  forgotten: ForgottenTopics,
  reply: (errorCode: ErrorCode) => void,
  nowMs: number,
): void {
  front.runtime.write(
    front.partitionFor(forgotten.groupId),
    ({ parts }) => endOffsetsDeletion(parts, forgotten),
    (error) => reply(writeErrorToResponse(error)),
    nowMs,
  );
}
