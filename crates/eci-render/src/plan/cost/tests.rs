use eci_core::{Address, Kind};
use eci_executor::cost::ResourceCost;
use eci_planner::Action;
use eci_provider::Price;

use super::*;
use crate::plan as forms;
use crate::plan::fixtures::{self, document_with};
use crate::typography;

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

fn paid(monthly: &str) -> CostSide {
    CostSide::Known(Price {
        monthly: decimal(monthly),
        currency: "CNY".to_owned(),
        at_least: false,
    })
}

fn unknown_side(why: &str) -> CostSide {
    CostSide::Unknown(Text::verbatim(why.to_owned()))
}

fn resource(
    kind: Kind,
    label: &str,
    action: Action,
    [before, after]: [CostSide; 2],
) -> ResourceCost {
    ResourceCost {
        address: Address::new(kind, label),
        action,
        create_before_destroy: false,
        before,
        after,
    }
}

/// Returns every kind of row.
fn many() -> Cost {
    use Action::{Create, Delete, Replace, Update};
    let group = Kind::ContainerGroup;
    let no_call = || {
        CostSide::Unknown(eci_text::text!(
            en: "the cloud has no API call for the price of a disk",
            zh: "云端没有查询云硬盘价格的 API",
        ))
    };
    let mut rounded = paid("94.9");
    if let CostSide::Known(price) = &mut rounded {
        price.at_least = true;
    }
    let chinese = Address::new(group, "web").instance("华东-生产");
    let disks = ["a", "b", "c", "d", "e"];
    let disks =
        disks.map(|label| resource(Kind::Volume, label, Create, [CostSide::Nothing, no_call()]));
    let mut resources = vec![
        resource(
            Kind::Eip,
            "wider",
            Update,
            [paid("229.95"), paid("242.285")],
        ),
        ResourceCost {
            address: chinese,
            ..resource(group, "", Create, [CostSide::Nothing, rounded])
        },
        ResourceCost {
            create_before_destroy: true,
            ..resource(group, "same", Replace, [paid("379.6"), paid("379.6000")])
        },
        resource(group, "smaller", Replace, [paid("1379.6"), paid("379.6")]),
        resource(group, "old", Delete, [paid("3"), CostSide::Nothing]),
        resource(
            group,
            "refused",
            Create,
            [
                CostSide::Nothing,
                unknown_side("the price call was refused: 403 *no*\u{1b}[2J"),
            ],
        ),
    ];
    resources.extend(disks);
    Cost { resources }
}

fn in_two_currencies() -> Cost {
    let mut dollars = paid("-3");
    if let CostSide::Known(price) = &mut dollars {
        price.currency = "USD".to_owned();
        price.monthly = decimal("3");
    }
    Cost {
        resources: vec![
            resource(
                Kind::Eip,
                "yuan",
                Action::Create,
                [CostSide::Nothing, paid("0.004")],
            ),
            resource(
                Kind::Eip,
                "dollars",
                Action::Delete,
                [dollars.clone(), CostSide::Nothing],
            ),
            resource(Kind::Eip, "both", Action::Update, [paid("1"), dollars]),
        ],
    }
}

#[test]
fn amounts_and_their_sum_are_aligned() {
    insta::assert_snapshot!(text(&many(), Style::plain()));
    let chinese = text(&many(), Style::plain().with_lang(Lang::Zh));
    typography::check(&chinese);
    insta::assert_snapshot!("in_chinese", chinese);
}

#[test]
fn a_narrow_terminal_gets_amounts_below_names() {
    insta::assert_snapshot!(text(&many(), Style::plain().with_width(40)));
}

#[test]
fn a_cost_is_a_table_of_a_comment() {
    insta::assert_snapshot!(markdown(&many(), Lang::En));
}

#[test]
fn a_cost_is_a_document_of_decimal_texts() {
    insta::assert_snapshot!(format!("{:#}", json(&many())));
}

#[test]
fn currencies_are_separated() {
    insta::assert_snapshot!(text(&in_two_currencies(), Style::plain()));
    let document = json(&in_two_currencies());
    assert_eq!(document["currency"], Json::Null);
    assert_eq!(document["total"], Json::Null);
    assert_eq!(
        document["totals"],
        json!([
            { "currency": "CNY", "difference": "0.004" },
            { "currency": "USD", "difference": "-3.00" },
        ])
    );
    assert_eq!(document["complete"], json!(false));
}

#[test]
fn half_a_cent_is_one_and_nothing_has_no_sign() {
    let cents = |text: &str| signed(decimal(text), "CNY", Lang::En);
    assert_eq!(cents("0.005"), "+0.01 CNY");
    assert_eq!(cents("-0.005"), "-0.01 CNY");
    assert_eq!(cents("0.0049"), "0.00 CNY");
    assert_eq!(cents("-0.0049"), "0.00 CNY");
    assert_eq!(cents("1234567.891"), "+1234567.89 CNY");
    let exactly = |text: &str| exact(decimal(text));
    assert_eq!(exactly("12.3400"), "12.34");
    assert_eq!(exactly("12"), "12.00");
    assert_eq!(exactly("-0.07305"), "-0.07305");
}

/// Compares the shown sum with the exact one: they differ at most by the rounding of each row.
#[test]
fn sums_are_computed_before_they_are_rounded() {
    let third = |label| {
        resource(
            Kind::Eip,
            label,
            Action::Create,
            [CostSide::Nothing, paid("0.334")],
        )
    };
    let cost = Cost {
        resources: ["a", "b", "c"].map(third).to_vec(),
    };
    assert_eq!(sum(&cost, Lang::En), "+1.00 CNY");
}

#[test]
fn a_plan_shows_its_cost_only_on_request() {
    let plan = fixtures::changes();
    let nothing = Cost {
        resources: Vec::new(),
    };
    let style = Style::plain();
    let requested = forms::text(&plan, Some(&nothing), style);
    assert!(requested.contains("Estimated monthly cost: no priced resources change\n\nPlan:"));
    assert!(!forms::text(&plan, None, style).contains("Cost"));
    assert!(
        forms::markdown(&plan, Some(&many()), Lang::En).contains("**Estimated monthly cost:** ")
    );
    assert!(!forms::markdown(&plan, None, Lang::En).contains("Cost"));
    let document = document_with(&plan, Some(&nothing));
    assert_eq!(document["cost"]["complete"], json!(true));
    assert_eq!(document_with(&plan, None).get("cost"), None);
    // A reader of Terraform's documents can read this one.
    let text = document_with(&plan, Some(&many())).to_string();
    let read: forms::terraform_json::Plan = serde_json::from_str(&text).unwrap();
    read.check();
    // A cost that was requested is answered also where nothing changes.
    let empty = fixtures::plan(Vec::new());
    let said = "Estimated monthly cost: no priced resources change\n\nNo changes. There are no resources in the configuration or the state.\n";
    assert_eq!(forms::text(&empty, Some(&nothing), style), said);
    let markdown = forms::markdown(&empty, Some(&nothing), Lang::En);
    assert!(markdown.ends_with("\n\n**Estimated monthly cost:** no priced resources change\n"));
}
