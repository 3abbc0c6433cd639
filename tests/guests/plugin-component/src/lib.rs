//! A plug-in of a shop: it uses the resources of its host, and has resources of its own.

wit_bindgen::generate!({ path: "wit", world: "plugin" });

use std::cell::RefCell;

use acme::shop::discounts;
use acme::shop::goods::{self, Error, Goods, Item};
use exports::acme::shop::baskets::{self, Currency, GuestBasket, Wrapping};

struct Plugin;

export!(Plugin);

struct Basket {
    currency: Currency,
    /// Names of items, with how many there are.
    items: RefCell<Vec<(String, u32)>>,
}

impl Basket {
    fn count(&self) -> u32 {
        self.items.borrow().iter().map(|(_, count)| count).sum()
    }
}

impl GuestBasket for Basket {
    fn new(currency: Currency) -> Self {
        Basket { currency, items: RefCell::default() }
    }

    fn add(&self, name: String, count: u32) -> Result<u32, Error> {
        let item = goods::find(&name)?;
        self.items.borrow_mut().push((item.name, count));
        Ok(self.count())
    }

    fn total(&self, wrapping: Wrapping) -> Vec<Result<u64, Error>> {
        let extra = if wrapping.bits() & Wrapping::EXPRESS_DELIVERY.bits() != 0 { 500 } else { 0 };
        let items = self.items.borrow();
        items.iter().map(|(name, count)| goods::find(name).map(|it| u64::from(it.price * count) + extra)).collect()
    }

    fn same_as(&self, other: baskets::BasketBorrow<'_>) -> bool {
        std::ptr::eq(self, other.get::<Basket>())
    }
}

impl Drop for Basket {
    fn drop(&mut self) {
        notice(&format!("dropped {}", self.count()));
    }
}

impl baskets::Guest for Plugin {
    type Basket = Basket;

    fn merge(into: baskets::BasketBorrow<'_>, from: baskets::Basket) -> (Currency, u32) {
        let into = into.get::<Basket>();
        into.items.borrow_mut().append(&mut from.get::<Basket>().items.borrow_mut());
        (into.currency, into.count())
    }

    fn check(names: Vec<String>) -> Result<(), Vec<Item>> {
        let items = names.iter().filter_map(|name| goods::find(name).ok());
        let dear: Vec<_> = items.filter(|item| item.price > 1000).collect();
        if dear.is_empty() { Ok(()) } else { Err(dear) }
    }
}

impl Guest for Plugin {
    fn names(prefix: String) -> Vec<String> {
        let view = Goods::new(&prefix);
        let mut items = vec![];
        while let Ok(Some(item)) = view.next() {
            items.push(item);
        }
        let ended = view.close().unwrap_or_default();
        let all = Goods::join(Goods::new(""), &view);
        let first = match discounts::first_of(&all) {
            Ok(name) => name,
            Err(error) => format!("error {}", error.code),
        };
        notice(&format!("{} ended {ended}, first {first}", all.to_string()));
        for (name, discount) in discounts::of_items(&items) {
            notice(&format!("{name}: {discount}"));
        }
        items.into_iter().map(|item| item.name).collect()
    }
}
