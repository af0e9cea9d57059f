"""The limits of each place: place -> situation (the test's name) -> reason. Everything else has to pass."""

from collections.abc import Iterable

ASYNC_SAVERS = ("InMemorySaver, async", "AsyncSqliteSaver", "AsyncPostgresSaver")
SYNC_SAVERS = ("InMemorySaver, sync", "SqliteSaver", "PostgresSaver")


def because(why: str, situations: Iterable[str]) -> dict[str, str]:
    return dict.fromkeys(situations, why)


SYNC_ONLY = because(
    "a sync run has no async nodes",
    [
        "test_async_nodes_ask_and_get_the_answer",
        "test_stop_takes_effect_at_an_await_and_the_run_can_go_on",
    ],
)

ASYNC_STOPS_AT_ONCE = because(
    "an async run stops at the await, wherever its step is: the next situation",
    ["test_stop_takes_effect_after_the_step_and_the_run_can_go_on"],
)

DRAFTS = ["test_the_last_draft_is_found_by_another_kernel", "test_a_draft_changes_neither_the_state_nor_the_run"]

OPENINGS = [
    "test_a_note_is_seen_by_another_kernel_at_the_question_that_it_is_on",
    "test_a_note_changes_neither_the_state_nor_the_run",
]

IN_MEMORY = because("the thread, with its drafts and notes, ends with the kernel", [*DRAFTS, *OPENINGS])

SCRIPTED = {
    **because(
        "a generator lives in this kernel: no other kernel finds its drafts and notes",
        [*DRAFTS, *OPENINGS, "test_a_draft_is_no_decision"],
    ),
    **because("a generator runs as it is, never async", SYNC_ONLY),
    **because(
        "a generator asks one question at a time",
        [
            "test_questions_side_by_side_can_be_answered_one_by_one_in_any_order",
            "test_any_json_value_reaches_the_node_unchanged",
            "test_questions_side_by_side_can_be_answered_together",
            "test_branches_ask_side_by_side_and_partial_answers_leave_the_rest_open",
            "test_a_stale_id_among_valid_ids_refuses_all_answers",
            "test_a_bad_answer_beside_a_good_answer_names_the_nodes_that_are_asked_again",
            "test_questions_side_by_side_are_each_told_once",
        ],
    ),
    **because(
        "a generator is no graph: no subgraphs, no functional API, no schemas, no steps to see or to stop between",
        [
            "test_a_question_inside_subgraphs_is_listed_once_with_the_whole_path",
            "test_question_of_a_graph_that_a_node_calls_names_the_inner_node",
            "test_the_functional_api_asks_and_returns",
            "test_typed_questions_carry_their_schema_and_the_node_gets_the_type",
            "test_an_answer_of_the_wrong_type_is_not_kept_and_the_question_stays",
            "test_a_static_breakpoint_stops_without_a_question_and_the_run_can_go_on",
            "test_the_state_can_be_edited_before_a_stopped_run_goes_on",
            "test_an_edit_at_a_stop_within_a_subgraph_changes_the_subgraph_s_state_and_nothing_runs_twice",
            "test_tool_calls_are_answered_in_place_of_the_node_that_runs_them",
            "test_a_tool_call_is_edited_in_the_message_with_its_id",
            "test_going_on_from_a_stop_whose_state_was_changed_since_is_refused",
            "test_an_update_of_an_unknown_channel_is_refused_and_the_run_stays_stopped",
            "test_stop_takes_effect_after_the_step_and_the_run_can_go_on",
            "test_a_watch_sees_the_nodes_and_custom_events_of_each_segment",
            "test_a_watch_sees_inside_a_subgraph",
            "test_a_question_inside_subgraphs_is_told_once_with_the_whole_path",
            "test_going_on_from_a_stop_is_a_decision",
        ],
    ),
    **because(
        "a generator goes only forward: it has no checkpoints, and one that raised is over",
        [
            "test_a_bad_answer_is_told_and_a_good_answer_after_asking_again_ends_the_run",
            "test_an_answer_given_without_sight_of_the_stuck_answer_is_not_sent",
            "test_asking_again_changes_an_answer_of_a_finished_run",
            "test_a_node_that_fails_before_asking_is_named_and_the_run_can_go_on",
            "test_start_goes_on_from_the_given_checkpoint",
            "test_an_answer_on_which_the_node_raised_stays_a_decision_beside_the_later_answer",
            "test_the_history_tells_each_step_and_the_next_nodes",
            "test_a_branch_asks_again_and_the_original_thread_still_waits",
            "test_a_branch_of_an_ended_thread_asks_the_answered_question_again",
            "test_a_branch_at_a_stop_stops_there_again_and_runs_nothing",
            "test_a_branch_of_a_checkpoint_that_is_not_there_or_at_an_end_is_refused",
        ],
    ),
    **because(
        "a scripted engine takes no settings",
        [
            "test_config_reaches_the_nodes_before_and_after_the_question",
            "test_context_reaches_the_nodes_before_and_after_the_question",
            "test_durability_decides_which_steps_are_saved",
            "test_marks_of_nbhitl_are_found_again",
        ],
    ),
}

AEGRA = {
    **ASYNC_STOPS_AT_ONCE,
    **because(
        "Aegra cannot read the state of a functional graph: HTTP 500",
        ["test_the_functional_api_asks_and_returns"],
    ),
    **because(
        "Aegra's interrupts have no response_schema",
        ["test_typed_questions_carry_their_schema_and_the_node_gets_the_type"],
    ),
    **because(
        "Aegra refuses to resume after a node has raised: there the question has to be asked again",
        ["test_an_answer_of_the_wrong_type_is_not_kept_and_the_question_stays"],
    ),
    **because(
        "Aegra tells no state of subgraphs: a stop is in the node that has the subgraph",
        ["test_an_edit_at_a_stop_within_a_subgraph_changes_the_subgraph_s_state_and_nothing_runs_twice"],
    ),
    **because(
        "Aegra's list of runs holds no answers: no decision is found",
        [
            "test_an_answer_is_told_with_its_question_decider_and_times",
            "test_a_secret_in_an_answer_is_told_blotted_out",
            "test_decisions_of_another_kernel_are_told_with_their_decider",
            "test_both_questions_of_one_node_keep_their_payloads",
            "test_questions_side_by_side_are_each_told_once",
            "test_a_question_inside_subgraphs_is_told_once_with_the_whole_path",
            "test_an_answer_on_which_the_node_raised_stays_a_decision_beside_the_later_answer",
            "test_going_on_from_a_stop_is_a_decision",
            "test_an_answer_without_a_decider_is_told_all_the_same",
            "test_a_draft_is_no_decision",
        ],
    ),
    **because(
        "Aegra cannot copy a thread: it has no branches",
        [
            "test_a_branch_asks_again_and_the_original_thread_still_waits",
            "test_a_branch_of_an_ended_thread_asks_the_answered_question_again",
            "test_a_branch_at_a_stop_stops_there_again_and_runs_nothing",
        ],
    ),
    **because(
        "Aegra ignores multitask_strategy: two resumes at once may both run",
        ["test_two_resumes_at_the_same_time_send_one_mail"],
    ),
}

CANNOT: dict[str, dict[str, str]] = {
    **dict.fromkeys(SYNC_SAVERS, SYNC_ONLY),
    **dict.fromkeys(ASYNC_SAVERS, ASYNC_STOPS_AT_ONCE),
    "InMemorySaver, sync": SYNC_ONLY | IN_MEMORY,
    "InMemorySaver, async": ASYNC_STOPS_AT_ONCE | IN_MEMORY,
    "langgraph dev": ASYNC_STOPS_AT_ONCE,
    "Aegra": AEGRA,
    "scripted": SCRIPTED,
}
