use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    Command, Event, Refusal, Stage, StageName,
    diagram::{commands, samples},
    page, transition,
};
use crate::id::UserId;

const T0: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
const ANNA: UserId = UserId(Uuid::from_u128(1));
const BO: UserId = UserId(Uuid::from_u128(2));

#[test]
fn the_main_road_from_draft_to_listing() {
    let road = [
        (Command::RequestAttestation, StageName::Attesting),
        (Command::Submit { complete: true, attested: true }, StageName::Submitted),
        (Command::Accept, StageName::Review),
        (Command::Recommend { by: ANNA }, StageName::SecondReview),
        (Command::Approve { by: BO }, StageName::Approved),
        (Command::Publicise, StageName::Publicised),
        (Command::List { code: "JS000001G".into() }, StageName::Listed),
    ];
    let mut stage = Stage::Draft;
    for (command, expected) in road {
        let (next, events) = transition(stage, command, T0).expect("the main road is open");
        assert_eq!(next.name(), expected);
        assert_eq!(events.len(), 1);
        stage = next;
    }
}

#[test]
fn one_person_cannot_make_both_decisions() {
    let waiting = Stage::SecondReview { accepted: T0, paused: Vec::new(), first: ANNA };
    assert_eq!(transition(waiting.clone(), Command::Approve { by: ANNA }, T0), Err(Refusal::SamePerson));
    assert!(transition(waiting, Command::Approve { by: BO }, T0).is_ok());
}

#[test]
fn an_incomplete_or_unattested_filing_is_not_submitted() {
    let submit = |complete, attested| transition(Stage::Draft, Command::Submit { complete, attested }, T0);
    assert_eq!(submit(false, false), Err(Refusal::Incomplete), "the root cause comes first");
    assert_eq!(submit(true, false), Err(Refusal::Unattested));
}

#[test]
fn submitting_twice_is_refused_and_names_the_stage() {
    let again =
        transition(Stage::Submitted { at: T0 }, Command::Submit { complete: true, attested: true }, T0);
    assert_eq!(again, Err(Refusal::WrongStage { stage: StageName::Submitted }));
}

#[test]
fn an_inquiry_pauses_the_review_clock_for_exactly_its_length() {
    let review = Stage::Review { accepted: T0, paused: Vec::new() };
    let asked = T0 + Duration::days(2);
    let answered = T0 + Duration::days(5);
    let (inquiry, _) = transition(review, Command::Inquire { items: 2 }, asked).unwrap();
    assert_eq!(
        transition(inquiry.clone(), Command::Reply { open_items: 1 }, answered),
        Err(Refusal::OpenItems { count: 1 })
    );
    let (review, events) = transition(inquiry, Command::Reply { open_items: 0 }, answered).unwrap();
    assert_eq!(events, vec![Event::InquiryAnswered]);
    let Stage::Review { accepted, paused } = review else { panic!("back in review") };
    assert_eq!(accepted, T0);
    assert_eq!((paused[0].from, paused[0].until), (asked, answered));
}

#[test]
fn corrections_and_inquiries_need_a_reason() {
    let submitted = Stage::Submitted { at: T0 };
    assert_eq!(transition(submitted, Command::ReturnForCorrection { items: 0 }, T0), Err(Refusal::NoItems));
}

#[test]
fn nothing_leaves_a_final_stage_and_every_other_stage_has_a_way_out() {
    for stage in samples() {
        let ways = commands()
            .into_iter()
            .filter(|(_, command)| transition(stage.clone(), command.clone(), T0).is_ok())
            .count();
        assert_eq!(ways == 0, stage.name().is_final(), "{:?}", stage.name());
    }
}

#[test]
fn stages_survive_storage() {
    for stage in samples() {
        let text = serde_json::to_string(&stage).unwrap();
        assert_eq!(serde_json::from_str::<Stage>(&text).unwrap(), stage);
        assert!(text.contains(stage.name().name()));
    }
    for name in StageName::ALL {
        assert_eq!(StageName::from_name(name.name()), Some(name));
    }
}

#[test]
fn the_page_in_the_documentation_is_the_machine() {
    assert_eq!(
        include_str!("../../../docs/WORKFLOW.md"),
        page(),
        "docs/WORKFLOW.md is stale: run `cargo run -p server -- workflow > docs/WORKFLOW.md`"
    );
}
