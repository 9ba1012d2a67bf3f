"""What users may count on, and the tests that hold us to it.

| promise | test |
|---|---|
| No document stops a run | trust/test_hostile.py::test_readers_that_crash_and_hang_cost_their_pages |
| | trust/test_hostile.py::test_damaged_documents_are_at_most_errors |
| | trust/test_hostile.py::test_documents_damaged_everywhere_are_at_most_errors (slow) |
| | trust/test_hostile.py::test_what_is_no_file_is_a_record |
| | trust/test_corpus.py::test_every_real_file_gives_what_its_manifest_names (slow) |
| | trust/test_corpus.py::test_every_made_file_gives_what_its_manifest_names (slow) |
| | reading/test_robustness.py::test_no_mutation_is_more_than_an_error (slow) |
| | test_pipeline.py::test_a_page_that_fails_in_the_model_costs_itself_only |
| | commands/test_describe.py::test_bad_images_are_records_and_the_run_goes_on |
| No document hangs a run | trust/test_hostile.py::test_a_page_that_would_be_drawn_for_ever_is_given_up |
| | trust/test_hostile.py::test_readers_that_crash_and_hang_cost_their_pages |
| | reading/test_child.py::test_kills_itself_when_nobody_does |
| Bombs cost no memory | trust/test_hostile.py::test_bombs_cost_no_memory_and_the_run_goes_on |
| | trust/test_hostile.py::test_a_picture_of_ten_thousand_pages_is_read_page_by_page (slow) |
| | reading/test_image.py::test_a_bomb_is_refused_by_its_header |
| | reading/test_pdf.py::test_a_huge_picture_inside_is_drawn_in_small |
| Readers are contained | trust/test_hostile.py::test_only_documents_of_known_kinds_are_opened |
| | reading/test_worker.py::test_is_contained |
| | reading/test_pool.py::test_a_page_that_goes_wrong_costs_itself_only |
| | reading/test_pool.py::test_a_worker_knows_no_secrets |
| | reading/test_image.py::test_no_other_decoder_is_ever_tried |
| Memory is flat | trust/test_memory.py::test_memory_is_flat_over_two_hundred_pages |
| | trust/test_memory.py::test_memory_is_flat_over_ten_thousand_pages (slow) |
| | reading/test_pool.py::test_memory_is_flat_over_three_hundred_pages |
| | reading/test_pool.py::test_workers_are_replaced_now_and_then |
| | reading/test_pool.py::test_documents_are_taken_late_and_pages_are_held_few |
| Neighbours change no answer | trust/test_neighbours.py::test_neighbours_change_no_answer |
| | test_decoding.py::test_waiting_sequences_enter_as_others_leave |
| | test_answer.py::test_a_batch_answers_as_its_items_do_alone |
| | describing/test_run.py::test_the_batch_size_changes_nothing |
| A killed run loses nothing | trust/test_kills.py::test_a_run_killed_a_few_times_ends_as_if_it_had_not_been |
| | trust/test_kills.py::test_a_run_killed_fifty_times_ends_as_if_it_had_not_been (slow) |
| | test_output.py::test_a_run_killed_at_any_byte_and_resumed_equals_one_that_was_not |
| | commands/test_describe.py::test_a_run_killed_in_any_stage_gives_the_same_file (slow) |
| | training/test_session.py::test_twenty_kills_at_any_moment_change_nothing (slow) |
| Results alone on stdout | trust/test_outside.py::test_what_libraries_print_is_no_result |
| | test_streams.py::test_only_results_reach_standard_output |
| No network | trust/test_outside.py::test_a_command_touches_nothing_but_its_outputs |
| | trust/test_outside.py::test_a_long_command_touches_nothing_but_its_outputs (slow) |
| Inputs stay as they are | trust/test_outside.py::test_a_command_touches_nothing_but_its_outputs |
| | test_output_files.py::test_an_input_is_never_the_output |
| | test_output_files.py::test_what_is_no_regular_file_is_refused |
| Ctrl-C is clean | trust/test_exit_codes.py::test_a_second_signal_ends_a_command_whose_page_hangs |
| | test_cli.py::test_ctrl_c_saves_what_is_done_and_leaves_no_process |
| | commands/test_train.py::test_ctrl_c_saves_says_how_to_go_on_and_ends_with_130 (slow) |
| Exit codes | trust/test_exit_codes.py::test_the_exit_code_says_how_a_command_ended |
| | trust/test_exit_codes.py::test_what_takes_longer_succeeds_too (slow) |
| A full disk | trust/test_machine.py::test_a_full_disk_ends_a_run_that_can_be_resumed |
| | training/test_session.py::test_a_full_disk_keeps_the_last_good_checkpoint |
| Output that is removed | trust/test_machine.py::test_a_run_whose_output_is_removed_stops_and_says_so |
| A pipe that closes | test_cli.py::test_a_reader_that_has_enough_ends_the_run_without_a_word |
| A clock that is set back | trust/test_machine.py::test_a_clock_that_goes_backwards_changes_nothing |
| Two runs on one output | trust/test_machine.py::test_a_second_run_on_one_output_is_refused |
| | trust/test_machine.py::test_two_runs_share_a_file_of_stages_one_after_the_other |
| | training/test_run_folder.py::test_a_run_that_is_being_written_is_left_as_it_is |
"""  # noqa: E501 - a row is a line

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
ROWS = re.findall(r"^\| .*\| (\S+)::(\S+)( \(slow\))? \|$", str(__doc__), re.MULTILINE)


def is_slow(tree, function):
    """Say whether a test, or all of its file, is marked as slow."""
    marks = [*function.decorator_list]
    marks += [node for node in tree.body if ast.unparse(node).startswith("pytestmark = ")]
    return any("mark.slow" in ast.unparse(mark) for mark in marks)


def test_the_table_is_read():
    assert len(ROWS) == str(__doc__).count("\n| ") - 1  # its heading; the line below has no space


@pytest.mark.parametrize("file, name, slow", ROWS, ids=[name for _, name, _ in ROWS])
def test_every_promise_has_its_test(file, name, slow):
    tree = ast.parse((TESTS / file).read_text())
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]

    assert found, f"tests/{file} has no {name}"
    assert is_slow(tree, found[0]) == bool(slow)
